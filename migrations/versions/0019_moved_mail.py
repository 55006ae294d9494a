"""mails to those whose calendars have not fetched a change"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'moved_mail',
        sa.Column('id', BIG, nullable=False),
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('person_id', BIG, nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('note', sa.String(length=300), nullable=False),
        sa.Column('asked_at', MOMENT, nullable=False),
        sa.Column('asked_by_id', BIG, nullable=True),
        sa.Column('began_at', MOMENT, nullable=True),
        sa.Column('settled_at', MOMENT, nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'sent', 'failed', 'uncertain', 'spared')",
            name=op.f('ck_moved_mail_state_is_known'),
        ),
        sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_moved_mail_activity_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_moved_mail_person_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_moved_mail_asked_by_id'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_moved_mail')),
        sa.UniqueConstraint('activity_id', 'sequence', 'person_id', name='one_mail_per_change_and_person'),
    )
    op.create_index('ix_moved_mail_open', 'moved_mail', ['state', 'id'])
    op.create_index('ix_moved_mail_person_id', 'moved_mail', ['person_id'])


def downgrade() -> None:
    op.drop_table('moved_mail')
