"""what came back, and the addresses that nothing is sent to"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('bounce',
    sa.Column('id', BIG, nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('action', sa.String(length=12), server_default='', nullable=False),
    sa.Column('delivery_id', BIG, nullable=True),
    sa.Column('person_id', BIG, nullable=True),
    sa.Column('address_hash', sa.String(length=32), server_default='', nullable=False),
    sa.Column('status', sa.String(length=12), server_default='', nullable=False),
    sa.Column('words', sa.String(length=500), server_default='', nullable=False),
    sa.Column('source', sa.String(length=8), nullable=False),
    sa.Column('early', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.CheckConstraint("kind in ('hard', 'soft', 'complaint', 'delayed', 'delivered', 'auto-reply', 'other')", name=op.f('ck_bounce_kind_is_known')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_bounce_delivery_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_bounce_person_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bounce')),
    sa.UniqueConstraint('digest', name=op.f('uq_bounce_digest'))
    )
    op.create_index(op.f('ix_bounce_at'), 'bounce', ['at'])
    op.create_index(op.f('ix_bounce_delivery_id'), 'bounce', ['delivery_id'])
    op.create_index(op.f('ix_bounce_person_id'), 'bounce', ['person_id'])
    op.create_index('ix_bounce_address', 'bounce', ['address_hash', 'at'])
    op.create_index('ix_bounce_early', 'bounce', ['delivery_id'], sqlite_where=sa.text('early'), postgresql_where=sa.text('early'))
    op.create_table('suppressed_address',
    sa.Column('id', BIG, nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('person_id', BIG, nullable=True),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('words', sa.String(length=500), server_default='', nullable=False),
    sa.Column('since', MOMENT, nullable=False),
    sa.Column('expires_at', MOMENT, nullable=True),
    sa.Column('by_id', BIG, nullable=True),
    sa.Column('lifted_at', MOMENT, nullable=True),
    sa.Column('lifted_by_id', BIG, nullable=True),
    sa.Column('appeal', sa.String(length=500), server_default='', nullable=False),
    sa.Column('appealed_at', MOMENT, nullable=True),
    sa.Column('refused_at', MOMENT, nullable=True),
    sa.Column('refused_by_id', BIG, nullable=True),
    sa.CheckConstraint("reason in ('hard bounce', 'soft bounces', 'complaint', 'by hand')", name=op.f('ck_suppressed_address_reason_is_known')),
    sa.CheckConstraint('lifted_at is not null or lifted_by_id is null', name=op.f('ck_suppressed_address_lifted_by_is_dated')),
    sa.CheckConstraint("appealed_at is not null or appeal = ''", name=op.f('ck_suppressed_address_appeal_is_dated')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_suppressed_address_person_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_suppressed_address_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['person.id'], name=op.f('fk_suppressed_address_lifted_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['refused_by_id'], ['person.id'], name=op.f('fk_suppressed_address_refused_by_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suppressed_address'))
    )
    op.create_index(op.f('ix_suppressed_address_person_id'), 'suppressed_address', ['person_id'])
    op.create_index(op.f('ix_suppressed_address_since'), 'suppressed_address', ['since'])
    op.create_index('one_suppression_in_force_per_address', 'suppressed_address', ['address'], unique=True, sqlite_where=sa.text('lifted_at is null'), postgresql_where=sa.text('lifted_at is null'))


def downgrade() -> None:
    op.drop_table('suppressed_address')
    op.drop_table('bounce')
