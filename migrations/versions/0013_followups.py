"""drafts that follow an earlier send"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'followup',
        sa.Column('id', BIG, nullable=False),
        sa.Column('message_id', BIG, nullable=False),
        sa.Column('of_send_id', BIG, nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('reminder', 'correction', 'recall')", name=op.f('ck_followup_kind_is_known')),
        sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_followup_message_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['of_send_id'], ['send.id'], name=op.f('fk_followup_of_send_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_followup')),
        sa.UniqueConstraint('message_id', name=op.f('uq_followup_message_id')),
    )
    op.create_index(op.f('ix_followup_of_send_id'), 'followup', ['of_send_id'])


def downgrade() -> None:
    op.drop_table('followup')
