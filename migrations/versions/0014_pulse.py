"""seeing sends: how fast they go, and since when they do not"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), 'postgresql')
MOMENTS_OF_A_STALL = ('idle_since', 'stalled_at', 'stall_told_at')


def upgrade() -> None:
    with op.batch_alter_table('send') as batch_op:
        for name in MOMENTS_OF_A_STALL:
            batch_op.add_column(sa.Column(name, MOMENT, nullable=True))
    op.create_table(
        'send_pulse',
        sa.Column('id', BIG, nullable=False),
        sa.Column('send_id', BIG, nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('settled', sa.Integer(), nullable=False),
        sa.Column('arrived', sa.Integer(), nullable=False),
        sa.Column('by_relay', JSON, nullable=False),
        sa.Column('by_domain', JSON, nullable=False),
        sa.ForeignKeyConstraint(['send_id'], ['send.id'], name=op.f('fk_send_pulse_send_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_send_pulse')),
    )
    op.create_index('ix_send_pulse_send_id', 'send_pulse', ['send_id'])
    op.create_index('ix_send_pulse_at', 'send_pulse', ['at'])


def downgrade() -> None:
    op.drop_table('send_pulse')
    with op.batch_alter_table('send') as batch_op:
        for name in reversed(MOMENTS_OF_A_STALL):
            batch_op.drop_column(name)
