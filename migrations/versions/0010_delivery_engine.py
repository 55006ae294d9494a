"""the delivery engine: chunks, history, relays, speed limits, the timing of sends"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), 'postgresql')
OLD_STATES = "state in ('planned', 'leased', 'sending', 'accepted', 'failed', 'uncertain', 'cancelled', 'suppressed')"
NEW_STATES = "state in ('planned', 'sending', 'accepted', 'delivered', 'bounced', 'failed', 'uncertain', 'cancelled', 'suppressed', 'skipped_late')"
CHUNKS = """
insert into chunk (send_id, first_id, last_id, copies, state, not_before, fence, leased_by)
select send_id, min(id), max(id), count(*),
    case when sum(case when state = 'planned' then 1 else 0 end) > 0 then 'ready' else 'closed' end,
    min(not_before), max(fence), ''
from (
    select id, send_id, state, not_before, fence,
        (row_number() over (partition by send_id order by id) - 1) / 500 as part
    from delivery
) numbered
group by send_id, part
"""


def upgrade() -> None:
    _let_rows_be_hot()
    _time_sends()
    _cut_chunks()
    _keep_history()
    _name_relays()


def _let_rows_be_hot() -> None:
    op.execute("update delivery set state = 'planned' where state = 'leased'")
    op.execute("update delivery set state = 'uncertain' where state = 'sending'")
    with op.batch_alter_table('delivery') as batch_op:
        batch_op.drop_index('ix_delivery_send_state')
        batch_op.drop_index('ix_delivery_open')
        batch_op.drop_constraint('fk_delivery_send_id', type_='foreignkey')
        batch_op.drop_constraint('fk_delivery_message_id', type_='foreignkey')
        batch_op.drop_constraint(op.f('ck_delivery_state_is_known'), type_='check')
        batch_op.drop_column('leased_by')
        batch_op.drop_column('lease_until')
        batch_op.add_column(sa.Column('wave', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('quiet_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('relay', sa.String(length=80), server_default='', nullable=False))
        batch_op.alter_column('channel', existing_type=sa.String(length=16), server_default='email')
        batch_op.alter_column('fence', existing_type=sa.Integer(), server_default='0')
        batch_op.alter_column('attempts', existing_type=sa.Integer(), server_default='0')
        batch_op.alter_column('note', existing_type=sa.String(length=500), server_default='')
        batch_op.create_index('ix_delivery_send_id', ['send_id'])
        batch_op.create_check_constraint(op.f('ck_delivery_state_is_known'), NEW_STATES)
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('alter table delivery set (fillfactor = 33)')


def _time_sends() -> None:
    with op.batch_alter_table('send') as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=16), server_default='first', nullable=False))
        batch_op.add_column(sa.Column('of_send_id', BIG, nullable=True))
        batch_op.add_column(sa.Column('local_time', sa.DateTime(timezone=False), nullable=True))
        batch_op.add_column(sa.Column('waves', JSON, nullable=True))
        batch_op.add_column(sa.Column('stop_percent', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('quiet_from', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('quiet_until', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('valid_until', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('late_policy', sa.String(length=8), server_default='ask', nullable=False))
        batch_op.add_column(sa.Column('paused_at', MOMENT, nullable=True))
        batch_op.add_column(sa.Column('paused_by_id', BIG, nullable=True))
        batch_op.add_column(sa.Column('paused_why', sa.String(length=60), server_default='', nullable=False))
        batch_op.add_column(sa.Column('seen_at', MOMENT, nullable=True))
        batch_op.create_foreign_key('fk_send_of_send_id', 'send', ['of_send_id'], ['id'])
        batch_op.create_foreign_key('fk_send_paused_by_id', 'person', ['paused_by_id'], ['id'], ondelete='SET NULL')
        batch_op.create_check_constraint(op.f('ck_send_kind_is_known'), "kind in ('first', 'top-up', 'reminder', 'correction', 'recall', 'resend')")
        batch_op.create_check_constraint(op.f('ck_send_late_policy_is_known'), "late_policy in ('ask', 'send', 'skip')")
        batch_op.create_check_constraint(op.f('ck_send_quiet_hours_begin_and_end'), '(quiet_from is null) = (quiet_until is null)')


def _cut_chunks() -> None:
    op.create_table('chunk',
        sa.Column('id', BIG, nullable=False),
        sa.Column('send_id', BIG, nullable=False),
        sa.Column('first_id', BIG, nullable=False),
        sa.Column('last_id', BIG, nullable=False),
        sa.Column('copies', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=8), server_default='ready', nullable=False),
        sa.Column('not_before', MOMENT, nullable=False),
        sa.Column('fence', sa.Integer(), server_default='0', nullable=False),
        sa.Column('leased_by', sa.String(length=80), server_default='', nullable=False),
        sa.Column('leased_at', MOMENT, nullable=True),
        sa.Column('lease_until', MOMENT, nullable=True),
        sa.Column('closed_at', MOMENT, nullable=True),
        sa.Column('tally', JSON, nullable=True),
        sa.CheckConstraint("state in ('ready', 'leased', 'closed')", name=op.f('ck_chunk_state_is_known')),
        sa.CheckConstraint("(state = 'leased') = (lease_until is not null)", name=op.f('ck_chunk_lease_has_an_end')),
        sa.CheckConstraint('first_id <= last_id', name=op.f('ck_chunk_ids_rise')),
        sa.ForeignKeyConstraint(['send_id'], ['send.id'], name=op.f('fk_chunk_send_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_chunk')),
    )
    with op.batch_alter_table('chunk') as batch_op:
        batch_op.create_index('ix_chunk_send_id', ['send_id'])
        batch_op.create_index('ix_chunk_ready', ['send_id', 'not_before'], sqlite_where=sa.text("state = 'ready'"), postgresql_where=sa.text("state = 'ready'"))
        batch_op.create_index('ix_chunk_leased', ['lease_until'], sqlite_where=sa.text("state = 'leased'"), postgresql_where=sa.text("state = 'leased'"))
        batch_op.create_index('ix_chunk_uncounted', ['id'], sqlite_where=sa.text("tally is null and state <> 'leased'"), postgresql_where=sa.text("tally is null and state <> 'leased'"))
    op.execute(CHUNKS)


def _keep_history() -> None:
    op.create_table('delivery_history',
        sa.Column('id', BIG, nullable=False),
        sa.Column('delivery_id', BIG, nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('note', sa.String(length=500), nullable=False),
        sa.Column('worker', sa.String(length=80), server_default='', nullable=False),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_delivery_history_delivery_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_history')),
    )
    with op.batch_alter_table('delivery_history') as batch_op:
        batch_op.create_index('ix_delivery_history_delivery_id', ['delivery_id'])


def _name_relays() -> None:
    op.create_table('relay',
        sa.Column('id', BIG, nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('weight', sa.Integer(), nullable=False),
        sa.Column('connections', sa.Integer(), nullable=False),
        sa.Column('copies_per_connection', sa.Integer(), nullable=False),
        sa.Column('switched_off_at', MOMENT, nullable=True),
        sa.Column('away_until', MOMENT, nullable=True),
        sa.Column('said', sa.String(length=500), server_default='', nullable=False),
        sa.Column('seen_at', MOMENT, nullable=True),
        sa.CheckConstraint('weight > 0', name=op.f('ck_relay_weight_is_positive')),
        sa.CheckConstraint('connections between 1 and 64', name=op.f('ck_relay_connections_are_few')),
        sa.CheckConstraint('copies_per_connection > 0', name=op.f('ck_relay_a_connection_carries_something')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_relay')),
        sa.UniqueConstraint('name', name=op.f('uq_relay_name')),
    )
    op.create_table('rate_limit',
        sa.Column('id', BIG, nullable=False),
        sa.Column('scope', sa.String(length=8), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('per_minute', sa.Integer(), nullable=False),
        sa.Column('burst', sa.Integer(), nullable=False),
        sa.Column('tokens', sa.Double(), nullable=False),
        sa.Column('refilled_at', MOMENT, nullable=False),
        sa.CheckConstraint("scope in ('relay', 'domain', 'channel')", name=op.f('ck_rate_limit_scope_is_known')),
        sa.CheckConstraint('per_minute > 0', name=op.f('ck_rate_limit_rate_is_positive')),
        sa.CheckConstraint('burst > 0', name=op.f('ck_rate_limit_burst_is_positive')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rate_limit')),
        sa.UniqueConstraint('scope', 'name', name='one_limit_per_scope_and_name'),
    )


def downgrade() -> None:
    op.drop_table('rate_limit')
    op.drop_table('relay')
    op.drop_table('delivery_history')
    op.drop_table('chunk')
    with op.batch_alter_table('send') as batch_op:
        batch_op.drop_constraint(op.f('ck_send_quiet_hours_begin_and_end'), type_='check')
        batch_op.drop_constraint(op.f('ck_send_late_policy_is_known'), type_='check')
        batch_op.drop_constraint(op.f('ck_send_kind_is_known'), type_='check')
        batch_op.drop_constraint('fk_send_paused_by_id', type_='foreignkey')
        batch_op.drop_constraint('fk_send_of_send_id', type_='foreignkey')
        for name in ('seen_at', 'paused_why', 'paused_by_id', 'paused_at', 'late_policy', 'valid_until',
                     'quiet_until', 'quiet_from', 'stop_percent', 'waves', 'local_time', 'of_send_id', 'kind'):
            batch_op.drop_column(name)

    for new, old in (('delivered', 'accepted'), ('bounced', 'failed'), ('skipped_late', 'cancelled')):
        op.execute(f"update delivery set state = '{old}' where state = '{new}'")  # noqa: S608 – both stand above
    with op.batch_alter_table('delivery') as batch_op:
        batch_op.drop_constraint(op.f('ck_delivery_state_is_known'), type_='check')
        batch_op.drop_index('ix_delivery_send_id')
        batch_op.alter_column('note', existing_type=sa.String(length=500), server_default=None)
        batch_op.alter_column('attempts', existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column('fence', existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column('channel', existing_type=sa.String(length=16), server_default=None)
        batch_op.drop_column('relay')
        batch_op.drop_column('quiet_at')
        batch_op.drop_column('wave')
        batch_op.add_column(sa.Column('leased_by', sa.String(length=80), server_default='', nullable=False))
        batch_op.add_column(sa.Column('lease_until', MOMENT, nullable=True))
        batch_op.create_check_constraint(op.f('ck_delivery_state_is_known'), OLD_STATES)
        batch_op.create_foreign_key('fk_delivery_message_id', 'message', ['message_id'], ['id'])
        batch_op.create_foreign_key('fk_delivery_send_id', 'send', ['send_id'], ['id'])
        batch_op.create_index('ix_delivery_open', ['state', 'lease_until'], unique=False, sqlite_where=sa.text("state in ('planned', 'leased', 'sending')"), postgresql_where=sa.text("state in ('planned', 'leased', 'sending')"))
        batch_op.create_index('ix_delivery_send_state', ['send_id', 'state', 'id'], unique=False)
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('alter table delivery reset (fillfactor)')
