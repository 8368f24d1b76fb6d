import { HandoverProblem, type Transfer } from '@handover/client';
import { Link, useCanGoBack, useLocation, useParams, useRouter } from '@tanstack/react-router';
import { base, wordsOf } from '../../api.ts';
import { useTitle } from '../../shell/frame.tsx';
import { Status } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Code, curlOf } from '../../ui/code.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Time } from '../../ui/time.tsx';
import { Told } from '../../ui/told.tsx';
import { Trouble } from '../../ui/trouble.tsx';
import { Actions } from './actions.tsx';
import { Facts } from './facts.tsx';
import { LedTo } from './led-to.tsx';
import { Requests } from './requests.tsx';
import { useTransfer } from './use-transfer.ts';
import { Waterfall } from './waterfall.tsx';
import { waitWords } from './wording.ts';
import './transfer.css';

/** One transfer: what happened and why, as it happens. */
export function Screen() {
  const { id } = useParams({ from: '/transfers/$id' });
  const { data, error, refetch, renew } = useTransfer(id);
  useTitle(data?.request ? `Transfer of ${data.request.callId}` : 'A transfer');
  return (
    <div className="page">
      <p>
        <Back />
      </p>
      {data !== undefined ? (
        <Known transfer={data} renew={renew} />
      ) : isUnknown(error) ? (
        <Unknown id={id} />
      ) : error !== null ? (
        <Trouble {...wordsOf(error)} onAgain={() => void refetch()} />
      ) : (
        <p className="loading">Loading the transfer …</p>
      )}
    </div>
  );
}

/** To where one came from: the list with its search, or whatever was shown before; else to all transfers. */
function Back() {
  const list = useLocation({ select: ({ state }) => state.list });
  const canGoBack = useCanGoBack();
  const { history } = useRouter();
  if (list === undefined && canGoBack)
    return (
      <Button look="plain" onPress={() => history.back()}>
        ← Back
      </Button>
    );
  return (
    <Link to="/transfers" search={list ?? {}}>
      ← Transfers
    </Link>
  );
}

function Known({ transfer, renew }: { transfer: Transfer; renew: () => void }) {
  const { id, status, story, waitingFor, timeline, outcome, request, shadow } = transfer;
  return (
    <>
      <header className="stack-small">
        <h1 aria-live="polite">
          <Told>{story}</Told>
        </h1>
        <div className="row">
          <Status status={status} />
          {shadow && <span className="soft">In shadow mode: nothing is sent.</span>}
          {waitingFor && <Waiting waitingFor={waitingFor} />}
          {outcome === null && !waitingFor && <span className="soft">It changes here as it goes on.</span>}
        </div>
      </header>
      <Actions transfer={transfer} renew={renew} />
      <Waterfall id={id} timeline={timeline} isOpen={outcome === null} />
      <div className="halves">
        <Facts transfer={transfer} />
        <LedTo transfer={transfer} renew={renew} />
      </div>
      <Requests timeline={timeline} />
      <section className="card stack" aria-labelledby="by-hand">
        <h2 id="by-hand">By hand</h2>
        <p className="small soft">What this page shows, as the API answers it:</p>
        <Code>{curlOf('GET', `${base}/api/transfers/${encodeURIComponent(id)}`)}</Code>
        {request !== null && (
          <>
            <details>
              <summary>The request as JSON</summary>
              <Code what="request">{JSON.stringify(request, null, 2)}</Code>
            </details>
            <details>
              <summary>The same request again, as curl</summary>
              <p className="small soft">This moves the call once more, if it can be moved.</p>
              <Code>{curlOf('POST', `${base}/api/transfers`, request)}</Code>
            </details>
          </>
        )}
      </section>
    </>
  );
}

function Waiting({ waitingFor: { reason, until } }: { waitingFor: NonNullable<Transfer['waitingFor']> }) {
  const { words, until: what } = waitWords(reason);
  return (
    <span>
      {words}
      {until !== undefined && (
        <>
          , {what} <Time at={until} relative /> (<Time at={until} />)
        </>
      )}
      .
    </span>
  );
}

function isUnknown(error: unknown): boolean {
  return error instanceof HandoverProblem && (error.status === 404 || error.status === 400);
}

function Unknown({ id }: { id: string }) {
  return (
    <>
      <h1>There is no such transfer</h1>
      <Empty title="Nothing is known by this id">
        <p>
          <bdi className="typed">{id}</bdi>
        </p>
        <p>
          It was never accepted, or is older than the retention time and stands in no history. If it is the id
          of a call, an agent or a target,{' '}
          <Link to="/transfers" search={{ find: id }}>
            look for it there
          </Link>
          .
        </p>
      </Empty>
    </>
  );
}
