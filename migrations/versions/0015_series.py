"""activities that repeat, and single occurrences that are otherwise"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
WALL = sa.DateTime(timezone=False)
OLD_THINGS = "thing in ('plan', 'activity', 'goal', 'measurement')"
NEW_THINGS = "thing in ('plan', 'activity', 'occurrence', 'goal', 'measurement')"


def upgrade() -> None:
    with op.batch_alter_table('activity') as batch_op:
        batch_op.add_column(sa.Column('recurrence', sa.String(length=120), server_default='', nullable=False))
    op.create_table(
        'activity_exception',
        sa.Column('id', BIG, nullable=False),
        sa.Column('activity_id', BIG, nullable=False),
        sa.Column('occurrence_local', WALL, nullable=False),
        sa.Column('cancelled', sa.Boolean(), nullable=False),
        sa.Column('starts_local', WALL, nullable=True),
        sa.Column('ends_local', WALL, nullable=True),
        sa.Column('title', sa.String(length=200), nullable=False),
        sa.Column('place', sa.String(length=200), nullable=False),
        sa.Column('conference', sa.String(length=500), nullable=False),
        sa.Column('status', sa.String(length=16), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('revised_at', MOMENT, nullable=False),
        sa.Column('removed_at', MOMENT, nullable=True),
        sa.CheckConstraint('ends_local >= starts_local', name=op.f('ck_activity_exception_ends_not_before_start')),
        sa.CheckConstraint('(starts_local is null) = (ends_local is null)', name=op.f('ck_activity_exception_start_and_end_together')),
        sa.CheckConstraint("status in ('', 'planned', 'confirmed', 'done')", name=op.f('ck_activity_exception_status_is_known')),
        sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_activity_exception_activity_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_activity_exception')),
        sa.UniqueConstraint('activity_id', 'occurrence_local', name='one_exception_per_occurrence'),
    )
    with op.batch_alter_table('plan_change') as batch_op:
        batch_op.drop_constraint(op.f('ck_plan_change_thing_is_known'), type_='check')
        batch_op.create_check_constraint(op.f('ck_plan_change_thing_is_known'), NEW_THINGS)


def downgrade() -> None:
    op.execute("delete from plan_change where thing = 'occurrence'")
    with op.batch_alter_table('plan_change') as batch_op:
        batch_op.drop_constraint(op.f('ck_plan_change_thing_is_known'), type_='check')
        batch_op.create_check_constraint(op.f('ck_plan_change_thing_is_known'), OLD_THINGS)
    op.drop_table('activity_exception')
    with op.batch_alter_table('activity') as batch_op:
        batch_op.drop_column('recurrence')
