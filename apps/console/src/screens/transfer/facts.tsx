import type { Transfer, TransferRequest } from '@handover/client';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { reasonWords } from '../../ui/reasons.ts';
import { Time } from '../../ui/time.tsx';
import { evidenceWords } from './wording.ts';

/** What was asked for, by whom and until when. */
export function Facts({ transfer }: { transfer: Transfer }) {
  const { id, request, actor, acceptedAt, expiresAt, attempts, outcome } = transfer;
  const isKey = actor.type === 'apiKey';
  return (
    <section className="card" aria-labelledby="facts">
      <h2 id="facts">What was asked for</h2>
      <dl className="facts transfer-facts">
        {request !== null && <Asked request={request} />}
        {outcome !== null && (
          <Fact name="Outcome">
            {outcome.status}
            {outcome.reason !== undefined && `: ${outcome.reason} (${reasonWords(outcome.reason)})`}
            {outcome.isFallback && ', by the fallback'}
            {outcome.confirmedBy !== undefined && `, shown by ${CONFIRMED[outcome.confirmedBy]}`}
          </Fact>
        )}
        <Fact name="Submitted by">
          {isKey ? (
            <Link to="/transfers" search={{ key: actor.name }}>
              API key <bdi>{actor.name}</bdi>
            </Link>
          ) : (
            <bdi>{`${actor.type} ${actor.name}`}</bdi>
          )}
        </Fact>
        <Fact name="Accepted">
          <Time at={acceptedAt} />, <Time at={acceptedAt} relative />
        </Fact>
        <Fact name="Deadline">
          <Time at={expiresAt} />
        </Fact>
        <Fact name="Runs">{attempts}</Fact>
        <Fact name="Id">
          <code>{id}</code>
        </Fact>
      </dl>
    </section>
  );
}

const CONFIRMED = {
  answer: 'Genesys’ answer',
  reading: 'a later reading of the call',
  event: 'an event from Genesys',
  operator: 'an operator',
};

function Asked({ request }: { request: TransferRequest }) {
  const { callId, userId, target, fallback, transferType, mode, notBefore, metadata = {} } = request;
  return (
    <>
      <Fact name="Call">
        <Link to="/transfers" search={{ callId }}>
          <bdi>{callId}</bdi>
        </Link>
      </Fact>
      <Fact name="Agent">
        <Link to="/transfers" search={{ agent: userId }}>
          <bdi>{userId}</bdi>
        </Link>
      </Fact>
      <Fact name="Target">
        <Link to="/transfers" search={{ target: target.id }}>
          <bdi>{evidenceWords(target)}</bdi>
        </Link>
      </Fact>
      <Fact name="Fallback">{fallback === undefined ? 'none' : <bdi>{evidenceWords(fallback)}</bdi>}</Fact>
      <Fact name="Type">{mode === undefined ? transferType : `${transferType}, ${mode}`}</Fact>
      {notBefore !== undefined && (
        <Fact name="Not before">
          <Time at={notBefore} />
        </Fact>
      )}
      {Object.entries(metadata).map(([name, value]) => (
        <Fact key={name} name={name}>
          <bdi>{value}</bdi>
        </Fact>
      ))}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>{children}</dd>
    </>
  );
}
