"""feeds of many kinds, and the bytes of their events"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), 'postgresql')
KINDS = (
    "kind in ('plan', 'mine', 'deadlines', 'meetings', 'surveys', 'audience', 'changes', "
    "'blackouts', 'public')"
)
NEW_IN_FEED = (
    'kind', 'audience_id', 'subject', 'slug', 'choice', 'fetched_revision', 'revision', 'basis',
    'stale_at', 'quiet_until',
)


def upgrade() -> None:
    with op.batch_alter_table('activity') as batch_op:
        batch_op.add_column(sa.Column('is_change', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    with op.batch_alter_table('feed') as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=16), server_default='plan', nullable=False))
        batch_op.add_column(sa.Column('audience_id', BIG, nullable=True))
        batch_op.add_column(sa.Column('subject', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('slug', sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column('choice', JSON, server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('fetched_revision', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('basis', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('stale_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('quiet_until', sa.BigInteger(), server_default='0', nullable=False))
    op.execute("update feed set subject = 'plan ' || plan_id")
    with op.batch_alter_table('feed') as batch_op:
        batch_op.drop_constraint('one_feed_per_person_and_plan', type_='unique')
        batch_op.alter_column('person_id', existing_type=BIG, nullable=True)
        batch_op.alter_column('plan_id', existing_type=BIG, nullable=True)
        batch_op.alter_column('subject', existing_type=sa.String(length=32), server_default=None)
        batch_op.create_foreign_key(op.f('fk_feed_audience_id'), 'audience', ['audience_id'], ['id'], ondelete='CASCADE')
        batch_op.create_unique_constraint('one_feed_per_person_and_subject', ['person_id', 'subject'])
        batch_op.create_unique_constraint(op.f('uq_feed_slug'), ['slug'])
        batch_op.create_check_constraint(op.f('ck_feed_kind_is_known'), KINDS)
        batch_op.create_check_constraint(
            op.f('ck_feed_public_or_a_persons'),
            "(kind = 'public') = (slug is not null and person_id is null)",
        )
    op.create_table(
        'event_bytes',
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('view', sa.String(length=80), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('beside', sa.String(length=600), nullable=False),
        sa.Column('edition', sa.String(length=16), nullable=False),
        sa.Column('zones', sa.String(length=200), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_event_bytes_activity_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('activity_id', 'view', name=op.f('pk_event_bytes')),
    )
    op.create_table(
        'revision',
        sa.Column('scope', sa.String(length=40), nullable=False),
        sa.Column('number', BIG, nullable=False),
        sa.PrimaryKeyConstraint('scope', name=op.f('pk_revision')),
    )


def downgrade() -> None:
    op.drop_table('revision')
    op.drop_table('event_bytes')
    op.execute("delete from feed where kind <> 'plan'")
    with op.batch_alter_table('feed') as batch_op:
        batch_op.drop_constraint(op.f('ck_feed_public_or_a_persons'), type_='check')
        batch_op.drop_constraint(op.f('ck_feed_kind_is_known'), type_='check')
        batch_op.drop_constraint(op.f('uq_feed_slug'), type_='unique')
        batch_op.drop_constraint('one_feed_per_person_and_subject', type_='unique')
        batch_op.drop_constraint(op.f('fk_feed_audience_id'), type_='foreignkey')
        batch_op.alter_column('person_id', existing_type=BIG, nullable=False)
        batch_op.alter_column('plan_id', existing_type=BIG, nullable=False)
        batch_op.create_unique_constraint('one_feed_per_person_and_plan', ['person_id', 'plan_id'])
        for name in reversed(NEW_IN_FEED):
            batch_op.drop_column(name)
    with op.batch_alter_table('activity') as batch_op:
        batch_op.drop_column('version')
        batch_op.drop_column('is_change')
