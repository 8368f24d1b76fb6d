import type { FollowUp, Transfer } from '@handover/client';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';
import { Bill } from './bill.tsx';
import { Callbacks } from './callbacks.tsx';

/** What a transfer led to: its bill, follow-ups, callbacks and trace. */
export function LedTo({ transfer, renew }: { transfer: Transfer; renew: () => void }) {
  const { id, timeline, followUps = [], callbacks = [] } = transfer;
  const isOpen = transfer.outcome === null;
  const traceId = timeline.find((entry) => entry.traceId !== undefined)?.traceId;
  return (
    <section className="card stack" aria-labelledby="led-to">
      <h2 id="led-to">What it led to</h2>
      <dl className="facts transfer-facts">
        <Bill transfer={transfer} />
        <dt>Follow-ups</dt>
        <dd>
          {followUps.length === 0 && (isOpen ? 'None so far.' : 'None: it left nothing to do.')}
          <ul className="stack-small">
            {followUps.map((followUp) => (
              <FollowUpLine key={followUp.id} followUp={followUp} />
            ))}
          </ul>
        </dd>
        <dt>Callbacks</dt>
        <dd>
          {callbacks.length === 0 && (isOpen ? 'None so far.' : 'None. Its API key may have no receiver.')}
          <Callbacks id={id} callbacks={callbacks} renew={renew} />
        </dd>
        <dt>Trace</dt>
        <dd>{traceId === undefined ? 'None: tracing is off.' : <code>{traceId}</code>}</dd>
      </dl>
    </section>
  );
}

const TONES: Record<FollowUp['state'], Tone> = {
  done: 'good',
  waiting: 'waiting',
  superseded: 'quiet',
  'gave-up': 'bad',
};

const KINDS: Record<FollowUp['kind'], string> = { 'wrap-up': 'wrap-up code', skills: 'skills' };

function FollowUpLine({ followUp: { kind, state, why, tries, dueAt, giveUpAt } }: { followUp: FollowUp }) {
  return (
    <li>
      Set the {KINDS[kind]} <Badge tone={TONES[state]}>{state}</Badge>
      {why !== undefined && (
        <>
          {' '}
          <bdi>{why}</bdi>
        </>
      )}
      <div className="small soft">
        {tries > 0 && `${tries} ${tries === 1 ? 'try' : 'tries'} came to nothing. `}
        {state === 'waiting' && (
          <>
            Not before <Time at={dueAt} />, given up at <Time at={giveUpAt} />.
          </>
        )}
      </div>
    </li>
  );
}
