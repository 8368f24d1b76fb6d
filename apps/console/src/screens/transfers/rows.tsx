import type { TransferItem } from '@handover/client';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { Status } from '../../ui/badge.tsx';
import { Time } from '../../ui/time.tsx';
import { Told } from '../../ui/told.tsx';

type Rows = { items: TransferItem[]; search: Record<string, string> };

/** The transfers as a table; each story leads to its transfer, and from there back to this search. */
export function Rows({ items, search }: Rows) {
  return (
    <table className="transfers">
      <caption className="visually-hidden">Transfers, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">What happened</th>
          <th scope="col" className="wide-only">
            Agent
          </th>
          <th scope="col" className="wide-only">
            Call
          </th>
          <th scope="col" className="wide-only">
            Accepted
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Row key={item.id} item={item} search={search} />
        ))}
      </tbody>
    </table>
  );
}

const Row = memo(function Row({ item, search }: { item: TransferItem; search: Record<string, string> }) {
  const { id, status, story, request, acceptedAt } = item;
  return (
    <tr>
      <td>
        <Status status={status} />
      </td>
      <td>
        <Link to="/transfers/$id" params={{ id }} state={{ list: search }} className="story-link clamped">
          <Told>{story}</Told>
        </Link>
        <div className="small soft narrow-only clamped">
          <Time at={acceptedAt} />
          {request !== null && (
            <>
              , call <bdi>{request.callId}</bdi>, agent <bdi>{request.userId}</bdi>
            </>
          )}
        </div>
      </td>
      <td className="wide-only">
        <bdi className="clamped" title={request?.userId}>
          {request?.userId ?? 'not readable'}
        </bdi>
      </td>
      <td className="wide-only">
        <bdi className="clamped" title={request?.callId}>
          {request?.callId ?? 'not readable'}
        </bdi>
      </td>
      <td className="wide-only when">
        <Time at={acceptedAt} />
      </td>
    </tr>
  );
});
