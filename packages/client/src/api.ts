// Generated from the API's OpenAPI document by packages/client/openapi.mjs -u. Do not edit.

export interface paths {
    "/api/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Actions over many dead letters
         * @description The latest 100, newest first. An action that has ended is kept for 35 days.
         */
        get: operations["listActions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/actions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An action and its progress
         * @description `done`, `failed` and all of `skipped` together make `total` once its status is `done`.
         */
        get: operations["getAction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/actions/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop an action
         * @description What it has done stays done; the one in progress still ends. One that has ended stays as it is. To go on, start another one with the same filter: what was replayed or resolved is no dead letter any more.
         */
        post: operations["stopAction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit
         * @description Who replayed, resolved, cancelled, paused, resumed and signed in, newest first, for 400 days and at most a million entries. An action that cannot be written down is refused. With a filter a page may be short and still have a `next`.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/billing/discrepancies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Discrepancies
         * @description Disagreements between our record and the events about a transfer of ours, ordered by detection time, oldest first, resolved ones included. Pages and CSV as for the records.
         */
        get: operations["listBillingDiscrepancies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/billing/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All billing records of a month
         * @description Every billing record of a month, or of a range, as one CSV file, ordered by the time of the event. The last line is `# rows=` and the number of records: a file without it is not whole. If records of the range were made that can no longer be found, the line before it says how many: `# incomplete: …`.
         */
        get: operations["exportBilling"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/billing/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Billing records
         * @description Ordered by the time of their event, oldest first, within the retention time. JSON, or CSV if `Accept` asks for `text/csv`; in CSV an apostrophe precedes text that a spreadsheet would run as a formula. `next`, and the `Link` header with `rel="next"`, lead to the next page; a CSV page with one ends with the line `# more: ` and its path.
         */
        get: operations["listBillingRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The configuration
         * @description Every variable of this API that is set or has a default, with secrets masked.
         */
        get: operations["getConfiguration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Dead letters
         * @description Transfers that failed, stayed unconfirmed too long, or may have been executed before Redis lost data (see `kind`), newest first; and, under `billing`, bills and events that could not be processed. Several filters must all match. A page with a filter may be short, or empty, and still have a `next`. With `callId` each item has its timeline.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay a dead letter
         * @description A transfer gets a new deadline; earlier sendings are first compared with the call, so nothing is sent twice; `409` if another transfer holds its call. A billing record or event is retried for another day.
         */
        post: operations["replayDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resolve an unconfirmed transfer
         * @description An operator who has checked states whether the call was moved: the transfer ends as `transferred` or `failed`. `409` unless it is unconfirmed.
         */
        post: operations["resolveDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay many dead letters
         * @description Like the replay of each that matches now, at most 10,000, oldest first. Workers carry it out within the budget, behind the transfers that wait; one that fails anew is not replayed again. `held` ones are left out unless `kind` says `held`, since a replay may move their call twice. `dryRun` answers `200` with how many and which; else `202` with the id of the action.
         */
        post: operations["replayDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resolve many unconfirmed transfers
         * @description Like the resolution of each that matches now, at most 10,000: an operator who has checked states whether the calls were moved. It concerns those of the kinds `unconfirmed` and `held`; others are left out. `dryRun` answers `200` with how many and which; else `202` with the id of the action.
         */
        post: operations["resolveDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/queues/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a queue
         * @description No worker takes a job of this queue until it is resumed; what is in progress ends. Repeating it changes nothing: the first reason stays. A destination of billing that is gone pauses its queue itself.
         */
        post: operations["pauseQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/queues/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a queue
         * @description The workers take its jobs again. Repeating it changes nothing.
         */
        post: operations["resumeQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/billing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The billing report
         * @description Billing records by day (UTC) and code, transfers of ours with and without a matching event, and the newest open discrepancies. A range is widened to whole days.
         */
        get: operations["getBillingReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/reports/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The QA report
         * @description Outcomes of live transfers, over all workers and restarts: since the first transfer, or in a range, which is widened to whole hours or days (UTC). An outcome counts when it is settled. A replayed transfer ends again, and both outcomes count. Rejections are counted separately. `by=minute` covers the last two hours, over all transfers. Hours are kept for 35 days, days for 400. JSON, or CSV if `Accept` asks for `text/csv`.
         */
        get: operations["getQualityReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I?
         * @description The caller, its roles and what they allow; with a session also the CSRF token.
         */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign in
         * @description Begins a session for a browser, with an API key or the operator’s login: an HttpOnly cookie for 12 hours. What changes something then needs the header `X-CSRF-Token`. After some failures an address and a name must wait.
         */
        post: operations["signIn"];
        /**
         * Sign out
         * @description Ends the session of the cookie, if any, and removes the cookie. Needs its CSRF token.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/simulator/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Training runs
         * @description Of a trainee, a class, or all, newest first. They are kept for 400 days, at most the latest 20,000.
         */
        get: operations["listTrainingRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/simulator/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A training run
         * @description With the timeline of its simulated transfer, as long as that is kept.
         */
        get: operations["getTrainingRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/simulator/scenarios": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What can be practised
         * @description Each scenario: what happens, what should be done, and how a run should end.
         */
        get: operations["listScenarios"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/simulator/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move a simulated call
         * @description Runs a transfer through the real pipeline, queue included, against the sandbox, and waits up to 30 s for its outcome. Never touches a live call or a live metric. Every problem also has `error`.
         */
        post: operations["simulateTransfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How is the system?
         * @description In plain words: what works, what waits and why, what to do, with the page of the runbook. The whole is as its worst part. `/readyz` is for machines.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Transfers
         * @description Newest first: those within the retention time, and, where there is a history, all that it has. Several filters must all match. A page with several filters, or with an open status, may be short, or empty, and still have a `next`. With `callId` each item has its timeline.
         */
        get: operations["listTransfers"];
        put?: never;
        /**
         * Submit a transfer
         * @description Accepts a transfer, which holds its call until its outcome. With `Prefer: wait=N` the answer waits up to N seconds (at most 30) for the outcome: `200` with the transfer, else `202`. With an `Idempotency-Key` a repeated request gets the first answer again.
         */
        post: operations["submitTransfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A transfer
         * @description The transfer with its outcome, if any, and the timeline of every decision so far.
         */
        get: operations["getTransfer"];
        put?: never;
        post?: never;
        /**
         * Cancel a transfer
         * @description Cancels a transfer before its effect is sent. `200`: it is cancelled, and the call will not be moved. `409 too-late`: nothing changed. Repeating the request is safe. A key with the role `submit` cancels only what it submitted.
         */
        delete: operations["cancelTransfer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers/{id}/callbacks/{callbackId}/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a callback again
         * @description Sends a callback to its receiver again, whether or not it was delivered: with the same id and message, at once unless the receiver is held off, and for a day from now.
         */
        post: operations["sendCallback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the timeline of a transfer
         * @description Server-sent events: `timeline` for each entry, with its index as id, and `outcome` at the end; then the stream closes. `Last-Event-ID` resumes an interrupted stream; after the outcome the answer is `204`.
         */
        get: operations["streamTransfer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit up to 1,000 transfers
         * @description Each transfer is accepted or rejected separately: an invalid one does not affect the others. Results are in the order of the transfers. With an `Idempotency-Key` a repeated request gets the same results.
         */
        post: operations["submitTransfers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the changes of all transfers
         * @description Server-sent events. `ready` comes first: what changes from here on is sent. `transfer` is a transfer that changed, as in the list; several changes in a row may be one event. `Last-Event-ID` resumes an interrupted stream; if too much has changed meanwhile, `reset` comes first: load the list again.
         */
        get: operations["streamTransfers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive?
         * @description Depends on nothing but the process itself.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Metrics of this process, of the queues, and of transfers that this process settled.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All problems
         * @description Every problem code with its status, title and meaning; a closed set.
         */
        get: operations["listProblems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The meaning of a problem
         * @description The page that the `type` of a problem points to.
         */
        get: operations["getProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can the API serve?
         * @description Ready if a script can write to Redis now. With a key or login the body also shows Redis and the last known state of Genesys.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/billing-sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive an event of the platform
         * @description Receives a transfer event for billing. Authenticated by a Standard Webhooks signature, or by the shared secret as bearer token, `x-api-key` or `token` in the URL. `200` if the event is durably queued, or deliberately ignored.
         */
        post: operations["receiveEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Accepted: {
            /** @description Why `Prefer: wait` was not applied, if so. */
            detail?: string;
            id: string;
            status: components["schemas"]["TransferStatus"];
        };
        Action: {
            /** @enum {string} */
            action: "replay" | "resolve";
            /** @description `operator:anna`, `apiKey:ops`. */
            actor: string;
            done: number;
            /** @description How the transfers that it replayed have ended since, by status. Absent if it has replayed none. */
            ended?: {
                [key: string]: number;
            };
            endedAt: string | null;
            /** @description How many ended with an unexpected error; the log has them. */
            failed: number;
            filter: {
                /** @description The `userId` of the request. */
                agent?: string;
                billing?: boolean;
                /** @description Of this call. */
                callId?: string;
                /** @description Dead letters since this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description Only these dead letters. */
                ids?: string[];
                /** @description The name of the API key that submitted it. */
                key?: string;
                /**
                 * @description Why it needs an operator.
                 * @enum {string}
                 */
                kind?: "failed" | "unconfirmed" | "held" | "contradicted";
                /**
                 * @description Of the outcome.
                 * @enum {string}
                 */
                reason?: "not-permitted" | "forbidden" | "call-is-private" | "call-ended" | "call-moved" | "call-not-found" | "call-not-transferable" | "agent-not-on-call" | "needs-user-token" | "target-unavailable" | "refused-by-platform" | "conflict" | "platform-unavailable" | "target-gave-up" | "workers-lost" | "unreadable-job" | "settled-by-operator" | "shadow";
                /**
                 * @description Its status now.
                 * @enum {string}
                 */
                status?: "queued" | "active" | "delayed" | "consulting" | "unconfirmed" | "transferred" | "rejected" | "expired" | "cancelled" | "failed";
                /** @description The id of the target that was asked for. */
                target?: string;
                /** @description Dead letters until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            /** @description Of a `resolve`. */
            happened?: boolean;
            id: string;
            /** @description How many of them have not ended yet. Absent if it has replayed none. */
            open?: number;
            reason: string;
            /** @description How many were left out, and why. */
            skipped: {
                [key: string]: number;
            };
            /** Format: date-time */
            startedAt: string;
            /** @enum {string} */
            status: "running" | "stopped" | "done";
            /** @description How many match, and those of the given `ids` that are no dead letters. */
            total: number;
            /** @description Why it rests, in words; it goes on by itself. */
            waitsFor?: string;
        };
        ActionPreview: {
            /** @description Of billing, by queue. */
            byKind: {
                [key: string]: number;
            };
            byReason: {
                [key: string]: number;
            };
            /** @constant */
            dryRun: true;
            /** @description The first 1,000 that it would be done to, oldest first. */
            ids: string[];
            /** @description More match than one action takes (10,000): it takes the newest. */
            more: boolean;
            /** @description How many of them would be left out, and why. */
            skipped: {
                [key: string]: number;
            };
            /** @description How many match, and those of the given `ids` that are no dead letters. */
            total: number;
        };
        ActionStarted: {
            /** @description Of the action. */
            id: string;
        };
        Actor: {
            name: string;
            /** @enum {string} */
            type: "apiKey" | "operator" | "worker" | "genesysEvent" | "system";
        };
        AuditEntry: {
            /** @enum {string} */
            action: "replay" | "resolve" | "cancel" | "pause" | "resume" | "sign-in" | "replay-many" | "resolve-many" | "stop" | "send-callback";
            /** @description `apiKey:crm`, `operator:anna`. */
            actor: string;
            /** Format: date-time */
            at: string;
            id: string;
            /** @description As given; for a sign-in the address it came from. */
            reason: string;
            /** @description The role that allowed it; empty for a key without a role. */
            role: string;
            /** @description The transfer, dead letter or queue; empty for a sign-in. */
            thing: string;
        };
        Batch: {
            transfers: components["schemas"]["TransferRequest"][];
        };
        BatchAnswer: {
            /** @description In the order of the transfers: 202 and the id, or the status and the problem. */
            results: components["schemas"]["BatchResult"][];
        };
        BatchResult: {
            id: string;
            /** @constant */
            status: 202;
        } | {
            problem: components["schemas"]["Problem"];
            status: number;
        };
        BillingDeadLetter: {
            /** Format: date-time */
            at: string;
            /** @description The event that could not be processed. */
            event?: {
                [key: string]: unknown;
            };
            /** @description The id for a replay. */
            id: string;
            queue: string;
            /** @description The billing record that could not be delivered. */
            record?: components["schemas"]["BillingRecord"];
            tries: number;
            why: string;
        };
        BillingPage: {
            items: components["schemas"]["BillingRecord"][];
            /** @description The `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        BillingRecord: {
            /** Format: date-time */
            billedAt?: string;
            /** @enum {string} */
            billingCode: "TRANSFER_BLIND" | "TRANSFER_CONSULT";
            callId: string;
            eventId: string;
            /** @description The idempotency key: the transfer’s id if it is one of ours. */
            id: string;
            /** @description Of the transfer. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Made from our own record, since no event showed it.
             * @constant
             */
            synthesized?: true;
            target: {
                id: string;
                /** @enum {string} */
                type?: "queue" | "user" | "skillGroup" | "externalContact" | "address";
            };
            /**
             * Format: date-time
             * @description Of the event; of the sending if synthesized.
             */
            timestamp: string;
            /** @description Absent if Handover did not move the call. */
            transferId?: string;
            /** @enum {string} */
            transferType: "blind" | "consult";
        };
        BillingReport: {
            days: {
                /** @enum {string} */
                code: "TRANSFER_BLIND" | "TRANSFER_CONSULT";
                count: number;
                /** Format: date */
                day: string;
            }[];
            /** @description Open discrepancies, by name. */
            discrepancies: {
                [key: string]: number;
            };
            /** @description Transfers of ours with a matching event. */
            matched: number;
            /** @description The newest open discrepancies. */
            newestDiscrepancies: components["schemas"]["Discrepancy"][];
            /** @description Bills made from our own record. */
            synthesized: number;
            /** @description Over the days shown. */
            totals: {
                TRANSFER_BLIND: number;
                TRANSFER_CONSULT: number;
            };
            /** @description Open discrepancies. */
            unmatched: number;
            /** @description Transfers and events still waiting for their counterpart. */
            waiting: number;
        };
        Callback: {
            /**
             * Format: date-time
             * @description When it was written.
             */
            at: string;
            /**
             * Format: date-time
             * @description While it waits: when it is tried for the last time.
             */
            giveUpAt?: string;
            /** @description Of the message: its `webhook-id`. */
            id: string;
            /**
             * Format: date-time
             * @description While it waits: when it is tried next, at the earliest.
             */
            nextAt?: string;
            /** @enum {string} */
            state: "waiting" | "delivered" | "gave-up";
            /** @description How often it was tried. */
            tried: number;
            /** @description The latest ten tries. */
            tries: {
                /** Format: date-time */
                at: string;
                /** @description Why it was not delivered, in words. */
                error?: string;
                ms: number;
                /** @description The answer; absent if there was none. */
                status?: number;
            }[];
            /** @enum {string} */
            type: "transfer.ended" | "transfer.unconfirmed" | "transfer.contradicted";
            /** @description Why it was given up, or why it still waits. */
            why?: string;
        };
        CallEvent: {
            event_data?: {
                /** @description The call. */
                id?: string;
                target?: {
                    id: string;
                } & {
                    [key: string]: unknown;
                };
                /** @description `blind` or `consult`; without it the event is ignored. */
                transferType?: string;
            } & {
                [key: string]: unknown;
            };
            id?: string;
            /** Format: date-time */
            timestamp?: string;
            /** @description Only `voice.call.updated` is processed; other types are ignored. */
            type: string;
        } & {
            [key: string]: unknown;
        };
        DeadLetter: {
            /** Format: date-time */
            acceptedAt: string;
            actor: components["schemas"]["Actor"];
            attempts: number;
            /** @description What its upstream was told. Absent if nothing was, as where its API key has no receiver. */
            callbacks?: components["schemas"]["Callback"][];
            /** Format: date-time */
            expiresAt: string;
            /** @description What is done after the outcome, and never changes it. Absent where the transfer left nothing. */
            followUps?: components["schemas"]["FollowUp"][];
            id: string;
            /**
             * @description `held`: neither sent nor ended, since Redis may have lost the record of a sending. `contradicted`: the call was moved, although the transfer had ended otherwise.
             * @enum {string}
             */
            kind: "failed" | "unconfirmed" | "held" | "contradicted";
            outcome: components["schemas"]["Outcome"] | null;
            /** @description null only if a job could not be read. */
            request: components["schemas"]["TransferRequest"] | null;
            /**
             * @description In shadow mode only: this transfer never moves its call.
             * @constant
             */
            shadow?: true;
            /**
             * Format: date-time
             * @description When it became a dead letter.
             */
            since: string;
            status: components["schemas"]["TransferStatus"];
            /** @description What happened, and why, in one sentence for people; its words may change. */
            story: string;
            timeline?: components["schemas"]["TimelineEntry"][];
            /** @description While it is open; absent while a worker works on it. */
            waitingFor?: {
                /**
                 * @description `turn`: a worker. `not-before`: its start. `budget`: a request of the budget. `hold-off`: Genesys asked for a pause. `paused`: an operator paused the queue. `retry`: the next try. `proof`: a reading that shows whether the call was moved. `confirmation`: the end of an accepted request; without `until`, an operator or an event. `consult`: the answer of its target.
                 * @enum {string}
                 */
                reason: "turn" | "not-before" | "budget" | "hold-off" | "paused" | "retry" | "proof" | "confirmation" | "consult";
                /**
                 * Format: date-time
                 * @description Not before this time, as far as it is known.
                 */
                until?: string;
            };
        };
        DeadLetters: {
            /** @description On the first page, without a filter of transfers: the newest of billing, at most `limit`. */
            billing: components["schemas"]["BillingDeadLetter"][];
            items: components["schemas"]["DeadLetter"][];
            /** @description The `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        Discrepancy: {
            callId: string;
            /** @description According to our record. */
            expected?: {
                target: {
                    id: string;
                    /** @enum {string} */
                    type?: "queue" | "user" | "skillGroup" | "externalContact" | "address";
                };
                /** @enum {string} */
                transferType: "blind" | "consult";
            };
            /** @description When the missing side arrived, which resolved it. */
            healedAt: string | null;
            /**
             * @description `missing-event`: it happened, but no event shows it. `different-target`: an event shows another target. `unknown-transfer`: an event shows that it happened, our record does not.
             * @enum {string}
             */
            name: "missing-event" | "unknown-transfer" | "different-target";
            /** Format: date-time */
            namedAt: string;
            /** @description According to the event. */
            seen?: {
                eventId: string;
                target: {
                    id: string;
                    /** @enum {string} */
                    type?: "queue" | "user" | "skillGroup" | "externalContact" | "address";
                };
                /** @enum {string} */
                transferType: "blind" | "consult";
            };
            /** @description Whether it was billed from our own record. */
            synthesized: boolean;
            transferId: string;
        };
        DiscrepancyPage: {
            items: components["schemas"]["Discrepancy"][];
            /** @description The `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        FollowUp: {
            /**
             * Format: date-time
             * @description Not tried before.
             */
            dueAt: string;
            /** Format: date-time */
            giveUpAt: string;
            id: string;
            /** @enum {string} */
            kind: "wrap-up" | "skills";
            /**
             * @description superseded: somebody else has done it, or it is no longer wanted.
             * @enum {string}
             */
            state: "waiting" | "done" | "superseded" | "gave-up";
            /** @description Tries that came to nothing. */
            tries: number;
            /** @description Why it ended so, or why it still waits. */
            why?: string;
        };
        Outcome: {
            /** @enum {string} */
            confirmedBy?: "answer" | "reading" | "event" | "operator";
            /** @description Free text; the platform’s message, if any. */
            detail?: string;
            isFallback?: boolean;
            reason?: components["schemas"]["Reason"];
            status: components["schemas"]["OutcomeStatus"];
            /** @description The target that the call was moved to; of `cancelled: shadow`, the one that it would have had. */
            target?: components["schemas"]["Target"];
        };
        /** @enum {string} */
        OutcomeStatus: "transferred" | "rejected" | "expired" | "cancelled" | "failed";
        Problem: {
            code: components["schemas"]["ProblemCode"];
            detail: string;
            /** @description The simulator only: the detail again. */
            error?: string;
            errors?: {
                field: string;
                message: string;
            }[];
            /** @description The transfer that holds the call. */
            holder?: {
                href: string;
                id: string;
            };
            /** @description The simulator only: why the transfer did not happen. */
            reason?: string;
            /** @description The simulator only: the training run. */
            run?: {
                [key: string]: unknown;
            };
            status: number;
            /** @description The simulator only. */
            timeline?: {
                [key: string]: unknown;
            }[];
            title: string;
            /** @description A URI, stable per code; its page explains the problem. */
            type: string;
        };
        /**
         * @description What went wrong: a closed set; `GET /problems` explains each.
         * @enum {string}
         */
        ProblemCode: "bad-request" | "invalid-request" | "malformed-json" | "empty-body" | "invalid-idempotency-key" | "unknown-scenario" | "unauthenticated" | "host-not-allowed" | "not-allowed" | "csrf-token-wrong" | "simulated-transfer-refused" | "route-not-found" | "transfer-not-found" | "callback-not-found" | "run-not-found" | "action-not-found" | "queue-not-found" | "method-not-allowed" | "request-timeout" | "call-already-in-transfer" | "too-late" | "not-a-dead-letter" | "not-unconfirmed" | "callback-not-sendable" | "simulated-transfer-conflict" | "body-too-large" | "unsupported-media-type" | "too-many-waits" | "too-many-failures" | "idempotency-key-reused" | "headers-too-large" | "internal-error" | "simulated-transfer-failed" | "redis-unavailable" | "redis-full" | "history-unavailable" | "webhook-not-configured" | "simulator-not-configured" | "sandbox-unreachable";
        ProblemMeaning: {
            about: string;
            code: components["schemas"]["ProblemCode"];
            status: number;
            title: string;
        };
        QualityReport: {
            /** @description Of a successful transfer from its acceptance, `notBefore` or latest replay to its outcome, on average; absent without any. Not in what comes from the history. */
            averageMs?: number;
            /** @description Not part of the total. */
            cancelled: number;
            /** @description How often a call changed between reading and sending. */
            etagConflicts: number;
            /** @description Of these, expired. */
            expired: number;
            /** @description Outcomes `failed` and `expired`. */
            failed: number;
            /** @description Outcomes `failed` by reason. */
            failures: {
                [key: string]: number;
            };
            /** @description In percent of the successful; 0 if there is none. */
            fallbackRate: number;
            /** @description Of these, to the fallback. */
            fallbackUsed: number;
            /**
             * Format: date-time
             * @description The beginning of the first minute, hour or day; absent without a range.
             */
            from?: string;
            /** @description What of the range is missing, and why; absent if nothing is. */
            incomplete?: string;
            /** @description Rejected by a rule or by the platform; not part of the total. */
            rejected: number;
            /** @description Rejections by reason. */
            rejections: {
                [key: string]: number;
            };
            /** @description How often an operator replayed a dead letter. Its outcome stays counted, and the next one counts too. */
            replayed: number;
            /** @description With `by`: one for each minute, hour, day, queue, agent or key. */
            rows?: components["schemas"]["QualityReportRow"][];
            /** @description Transfers with the outcome `transferred`. */
            successful: number;
            /** @description In percent of the total; 0 if there is none. */
            successRate: number;
            /**
             * Format: date-time
             * @description The end of the last one, exclusive.
             */
            to?: string;
            /** @description successful + failed. */
            totalTransfersAttempted: number;
        };
        QualityReportRow: {
            /** @description With `by=agent`. */
            agent?: string;
            /** @description Of a successful transfer from its acceptance, `notBefore` or latest replay to its outcome, on average; absent without any. Not in what comes from the history. */
            averageMs?: number;
            /** @description Not part of the total. */
            cancelled: number;
            /**
             * Format: date
             * @description With `by=day`.
             */
            day?: string;
            /** @description How often a call changed between reading and sending. */
            etagConflicts: number;
            /** @description Of these, expired. */
            expired: number;
            /** @description Outcomes `failed` and `expired`. */
            failed: number;
            /** @description Outcomes `failed` by reason, those that occurred. */
            failures: {
                [key: string]: number;
            };
            /** @description In percent of the successful; 0 if there is none. */
            fallbackRate: number;
            /** @description Of these, to the fallback. */
            fallbackUsed: number;
            /**
             * Format: date-time
             * @description When it begins; with `by=hour`.
             */
            hour?: string;
            /** @description With `by=key`. */
            key?: string;
            /**
             * Format: date-time
             * @description When it begins; with `by=minute`.
             */
            minute?: string;
            /** @description With `by=queue`. */
            queue?: string;
            /** @description Rejected by a rule or by the platform; not part of the total. */
            rejected: number;
            /** @description Rejections by reason, those that occurred. */
            rejections: {
                [key: string]: number;
            };
            /** @description How often an operator replayed a dead letter. Its outcome stays counted, and the next one counts too. */
            replayed: number;
            /** @description Transfers with the outcome `transferred`. */
            successful: number;
            /** @description In percent of the total; 0 if there is none. */
            successRate: number;
            /** @description successful + failed. */
            totalTransfersAttempted: number;
        };
        QueueState: {
            /** @description Who paused it: `operator:anna`, `worker:host-1`; null if unknown. */
            actor: string | null;
            paused: boolean;
            queue: string;
            reason: string | null;
            /** Format: date-time */
            since: string | null;
        };
        Readiness: {
            /**
             * @description Whether Redis persists what it acknowledged; `unknown` if CONFIG is forbidden.
             * @enum {string}
             */
            durability: "durable" | "volatile" | "unknown" | "not-checked";
            genesys: {
                baseUrl: string;
                /** @enum {string} */
                dialect: "voice" | "platform";
                /** @description No request is sent to Genesys before this time. */
                holdOffUntil: string | null;
                /** @description Operations with a limit of their own that are not requested before that time. */
                holds?: {
                    operation: string;
                    until: string;
                }[];
                /** @description The token state that a worker reported last. */
                token: string;
                /** @description When it was reported. */
                tokenAt?: string;
                tokenDetail?: string;
            };
            /**
             * @description `shadow`: nothing is sent (HANDOVER_MODE).
             * @enum {string}
             */
            mode: "live" | "shadow";
            /** @description Whether Redis lost data, or may have: until then a transfer whose call is already at its target waits for an event or an operator. */
            recovery: {
                since?: string;
                /** @enum {string} */
                state: "none" | "unsure" | "open";
                until?: string;
                why?: string;
            };
            /**
             * @description `connected` if a script can write now; `refused` if Redis lacks or denies what is needed.
             * @enum {string}
             */
            redis: "connected" | "unavailable" | "refused";
            /** @description Why Redis is unusable, and how to fix it. */
            redisDetail?: string;
            /** @description How many replicas of Redis an intent requires, and how many follow closely; with too few nothing is sent. */
            replicas: {
                following: number | null;
                needed: number;
            };
            /** @enum {string} */
            status: "ready" | "not-ready" | "stopping";
            /** @description The registration of the webhook: `not-wanted`, `pending`, `registered` or `failing`. */
            webhook: {
                at?: string;
                detail?: string;
                nextAt?: string;
                state: string;
            };
        };
        /**
         * @description Why it ended so; docs/rules.md explains each.
         * @enum {string}
         */
        Reason: "not-permitted" | "forbidden" | "call-is-private" | "call-ended" | "call-moved" | "call-not-found" | "call-not-transferable" | "agent-not-on-call" | "needs-user-token" | "target-unavailable" | "refused-by-platform" | "conflict" | "platform-unavailable" | "target-gave-up" | "workers-lost" | "unreadable-job" | "settled-by-operator" | "shadow";
        Replay: {
            /** @description The reason; kept in the timeline. */
            reason: string;
        };
        ReplayMany: {
            /**
             * @description Only says which; changes nothing.
             * @default false
             */
            dryRun?: boolean;
            /** @description Those that match every given field; at least one. */
            filter: {
                /** @description The `userId` of the request. */
                agent?: string;
                /**
                 * @description Every dead letter of a transfer, without another filter.
                 * @constant
                 */
                all?: true;
                /**
                 * @description The dead letters of billing instead of transfers; only `ids`, `from` and `to` narrow them.
                 * @constant
                 */
                billing?: true;
                /** @description Of this call. */
                callId?: string;
                /** @description Dead letters since this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description Only these dead letters. */
                ids?: string[];
                /** @description The name of the API key that submitted it. */
                key?: string;
                /**
                 * @description Why it needs an operator.
                 * @enum {string}
                 */
                kind?: "failed" | "unconfirmed" | "held" | "contradicted";
                /**
                 * @description Of the outcome.
                 * @enum {string}
                 */
                reason?: "not-permitted" | "forbidden" | "call-is-private" | "call-ended" | "call-moved" | "call-not-found" | "call-not-transferable" | "agent-not-on-call" | "needs-user-token" | "target-unavailable" | "refused-by-platform" | "conflict" | "platform-unavailable" | "target-gave-up" | "workers-lost" | "unreadable-job" | "settled-by-operator" | "shadow";
                /**
                 * @description Its status now.
                 * @enum {string}
                 */
                status?: "queued" | "active" | "delayed" | "consulting" | "unconfirmed" | "transferred" | "rejected" | "expired" | "cancelled" | "failed";
                /** @description The id of the target that was asked for. */
                target?: string;
                /** @description Dead letters until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            /**
             * @description The reason; kept in the timeline. Not needed with `dryRun`.
             * @default
             */
            reason?: string;
        };
        Resolution: {
            /** @description Was the call moved? */
            happened: boolean;
            /** @description How the operator knows; kept in the timeline. */
            reason: string;
        };
        ResolveMany: {
            /**
             * @description Only says which; changes nothing.
             * @default false
             */
            dryRun?: boolean;
            /** @description Those that match every given field; at least one. */
            filter: {
                /** @description The `userId` of the request. */
                agent?: string;
                /**
                 * @description Every dead letter of a transfer, without another filter.
                 * @constant
                 */
                all?: true;
                /** @description Of this call. */
                callId?: string;
                /** @description Dead letters since this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description Only these dead letters. */
                ids?: string[];
                /** @description The name of the API key that submitted it. */
                key?: string;
                /**
                 * @description Why it needs an operator.
                 * @enum {string}
                 */
                kind?: "failed" | "unconfirmed" | "held" | "contradicted";
                /**
                 * @description Of the outcome.
                 * @enum {string}
                 */
                reason?: "not-permitted" | "forbidden" | "call-is-private" | "call-ended" | "call-moved" | "call-not-found" | "call-not-transferable" | "agent-not-on-call" | "needs-user-token" | "target-unavailable" | "refused-by-platform" | "conflict" | "platform-unavailable" | "target-gave-up" | "workers-lost" | "unreadable-job" | "settled-by-operator" | "shadow";
                /**
                 * @description Its status now.
                 * @enum {string}
                 */
                status?: "queued" | "active" | "delayed" | "consulting" | "unconfirmed" | "transferred" | "rejected" | "expired" | "cancelled" | "failed";
                /** @description The id of the target that was asked for. */
                target?: string;
                /** @description Dead letters until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            /** @description Was the call moved? */
            happened: boolean;
            /**
             * @description How the operator knows; kept in the timeline. Not needed with `dryRun`.
             * @default
             */
            reason?: string;
        };
        Scenario: {
            /** @description What happens. */
            description: string;
            /** @description How a run should end. */
            expected?: components["schemas"]["TrainingEnd"];
            /** @description What should be done about it. */
            handling: string;
            scenario: string;
            /** @description The same without a fallback, if that is something else. */
            withoutFallback?: components["schemas"]["TrainingEnd"];
        };
        Session: {
            /** @description For the header `X-CSRF-Token`; null without a session. */
            csrfToken: string | null;
            /**
             * Format: date-time
             * @description Null without a session.
             */
            expiresAt: string | null;
            /**
             * @description `open`: no sign-in required, since the API serves only this machine.
             * @enum {string}
             */
            kind: "key" | "operator" | "open";
            /** @description The name of the key or of the operator. */
            name: string;
            permissions: ("submit" | "cancel" | "cancel-any" | "read" | "inspect" | "observe" | "train" | "act" | "audit" | "configure" | "sign-in")[];
            /** @description Empty for a key without a role. */
            roles: ("submit" | "read" | "train" | "operate" | "admin")[];
        };
        SignIn: {
            key: string;
        } | {
            password: string;
            user: string;
        };
        SimulatedTransfer: {
            callId: string;
            /** @description With whom; for the list of runs. */
            class?: string;
            fallbackQueueId?: string;
            /**
             * @description What the trainee says will come of it.
             * @enum {string}
             */
            predicted?: "moved" | "moved-to-fallback" | "refused" | "failed";
            /**
             * @description The fault to simulate, one of GET /api/simulator/scenarios.
             * @default plain
             */
            scenario?: string;
            targetQueueId: string;
            /** @description Who practises; for the list of runs. */
            trainee?: string;
            /**
             * @default blind
             * @enum {string}
             */
            transferType?: "blind" | "consult";
            userId: string;
            wrapUpCodeId?: string;
        };
        SimulatorAnswer: {
            isFallback: boolean;
            run?: components["schemas"]["TrainingRun"];
            /** @constant */
            status: "transferred";
            target?: components["schemas"]["Target"];
            timeline: components["schemas"]["TimelineEntry"][];
        };
        Status: {
            billing: {
                /** @description Destinations to which nothing is delivered. */
                disabled: string[];
                /** @description Open ones. */
                discrepancies: number;
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
                /** @description Transfers and events that wait for their counterpart. */
                waiting: number;
            };
            budget: {
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                limit: number | null;
                /** @description Requests left of this minute; null without a limit. */
                remaining: number | null;
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
            };
            callbacks: {
                /** @description Receivers that fail, by API key, and since when. */
                failing: {
                    key: string;
                    /** Format: date-time */
                    since: string;
                }[];
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
                /** @description Messages that are not delivered yet. */
                waiting: number;
            };
            deadLetters: {
                billing: number;
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
                transfers: number;
                unconfirmed: number;
            };
            genesys: {
                /** @description Of the last five minutes, over all workers. */
                answers: number;
                /** @description Of these, a 5xx or no answer. */
                failed: number;
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description When the last of these failed, give or take five seconds. */
                lastFailedAt: string | null;
                /** @description Of these, a 429. */
                limited: number;
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
            };
            history: {
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description Since when the oldest of them waits. */
                lagMs: number;
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
                /** @description Settled transfers and bills that are not in PostgreSQL yet. */
                waiting: number;
            };
            holdOff: {
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description Held off by themselves. */
                operations: {
                    operation: string;
                    /** Format: date-time */
                    until: string;
                }[];
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
                until: string | null;
            };
            /** @enum {string} */
            is: "fine" | "waiting" | "trouble" | "unknown";
            /** @enum {string} */
            mode: "live" | "shadow";
            queues: {
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                oldestWaitMs: number;
                /** @description Transfers without an outcome. */
                open: number;
                paused: {
                    actor: string | null;
                    queue: string;
                    reason: string | null;
                    since: string | null;
                }[];
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
                /** @description Transfers that wait for a worker. */
                waiting: number;
            };
            redis: {
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
            };
            /** @description The page of the operators’ documentation. */
            runbook?: string;
            /** @description In plain words. */
            says: string;
            /** @description What to do about it; absent if nothing. */
            todo?: string;
            webhook: {
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                state: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
            };
            workers: {
                count: number;
                /** @enum {string} */
                is: "fine" | "waiting" | "trouble" | "unknown";
                /** @description The page of the operators’ documentation. */
                runbook?: string;
                /** @description In plain words. */
                says: string;
                /** @description What to do about it; absent if nothing. */
                todo?: string;
            };
        };
        Target: {
            /** @description For an `address`: the phone number or SIP address. */
            id: string;
            /**
             * @description Of an `externalContact`: which of its numbers.
             * @enum {string}
             */
            phoneType?: "WorkPhone" | "CellPhone" | "HomePhone" | "OtherPhone";
            /** @description Of a `skillGroup`: ids of skills. */
            skills?: string[];
            /** @enum {string} */
            type: "queue" | "user" | "skillGroup" | "externalContact" | "address";
        };
        TimelineEntry: {
            /** @description Age of the evidence. */
            ageMs?: number;
            /** Format: date-time */
            at: string;
            attempt?: number;
            /** @description The actor, as `type:name`. */
            by: string;
            decided?: string;
            detail?: string;
            evidence?: {
                [key: string]: unknown;
            };
            ms?: number;
            /** @description Requests to Genesys; a null status means no answer. `correlationId`: Genesys' id of the request, for its support. */
            requests?: {
                correlationId?: string;
                ms: number;
                operation: string;
                status: number | null;
            }[];
            rule?: string;
            /**
             * Format: date-time
             * @description When the first of these waits began.
             */
            since?: string;
            step: components["schemas"]["TimelineStep"];
            /** @description On `waiting`: the number of consecutive waits; `at` is the time of the latest. */
            times?: number;
            /** @description On `accepted`, if tracing is enabled. */
            traceId?: string;
        };
        /**
         * @description What an entry of a timeline tells.
         * @enum {string}
         */
        TimelineStep: "accepted" | "started" | "read" | "compared" | "decided" | "intent" | "sent" | "waiting" | "outcome" | "contradicted" | "parked" | "replayed" | "too-late";
        TrainingEnd: {
            isFallback?: boolean;
            reason?: components["schemas"]["Reason"];
            status: components["schemas"]["OutcomeStatus"];
        };
        TrainingPage: {
            items: components["schemas"]["TrainingRun"][];
            /** @description The `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        TrainingRun: {
            /** Format: date-time */
            at: string;
            /** @description The name of the API key. */
            by: string;
            class?: string;
            /** @description null: it had no outcome when the wait ended. */
            ended: components["schemas"]["TrainingEnd"] | null;
            expected?: components["schemas"]["TrainingEnd"];
            hasFallback: boolean;
            id: string;
            /** @description Whether it ended as expected. */
            met: boolean;
            /** @enum {string} */
            predicted?: "moved" | "moved-to-fallback" | "refused" | "failed";
            predictionMet?: boolean;
            scenario: string;
            trainee?: string;
            /** @enum {string} */
            transferType: "blind" | "consult";
        };
        TrainingRunTold: {
            /** Format: date-time */
            at: string;
            /** @description The name of the API key. */
            by: string;
            class?: string;
            /** @description null: it had no outcome when the wait ended. */
            ended: components["schemas"]["TrainingEnd"] | null;
            expected?: components["schemas"]["TrainingEnd"];
            hasFallback: boolean;
            id: string;
            /** @description Whether it ended as expected. */
            met: boolean;
            /** @enum {string} */
            predicted?: "moved" | "moved-to-fallback" | "refused" | "failed";
            predictionMet?: boolean;
            scenario: string;
            timeline: components["schemas"]["TimelineEntry"][];
            trainee?: string;
            /** @enum {string} */
            transferType: "blind" | "consult";
        };
        Transfer: {
            /** Format: date-time */
            acceptedAt: string;
            actor: components["schemas"]["Actor"];
            attempts: number;
            /** @description What its upstream was told. Absent if nothing was, as where its API key has no receiver. */
            callbacks?: components["schemas"]["Callback"][];
            /** Format: date-time */
            expiresAt: string;
            /** @description What is done after the outcome, and never changes it. Absent where the transfer left nothing. */
            followUps?: components["schemas"]["FollowUp"][];
            id: string;
            outcome: components["schemas"]["Outcome"] | null;
            /** @description null only if a job could not be read. */
            request: components["schemas"]["TransferRequest"] | null;
            /**
             * @description In shadow mode only: this transfer never moves its call.
             * @constant
             */
            shadow?: true;
            status: components["schemas"]["TransferStatus"];
            /** @description What happened, and why, in one sentence for people; its words may change. */
            story: string;
            timeline: components["schemas"]["TimelineEntry"][];
            /** @description While it is open; absent while a worker works on it. */
            waitingFor?: {
                /**
                 * @description `turn`: a worker. `not-before`: its start. `budget`: a request of the budget. `hold-off`: Genesys asked for a pause. `paused`: an operator paused the queue. `retry`: the next try. `proof`: a reading that shows whether the call was moved. `confirmation`: the end of an accepted request; without `until`, an operator or an event. `consult`: the answer of its target.
                 * @enum {string}
                 */
                reason: "turn" | "not-before" | "budget" | "hold-off" | "paused" | "retry" | "proof" | "confirmation" | "consult";
                /**
                 * Format: date-time
                 * @description Not before this time, as far as it is known.
                 */
                until?: string;
            };
        };
        TransferItem: {
            /** Format: date-time */
            acceptedAt: string;
            actor: components["schemas"]["Actor"];
            attempts: number;
            /** @description What its upstream was told. Absent if nothing was, as where its API key has no receiver. */
            callbacks?: components["schemas"]["Callback"][];
            /** Format: date-time */
            expiresAt: string;
            /** @description What is done after the outcome, and never changes it. Absent where the transfer left nothing. */
            followUps?: components["schemas"]["FollowUp"][];
            id: string;
            outcome: components["schemas"]["Outcome"] | null;
            /** @description null only if a job could not be read. */
            request: components["schemas"]["TransferRequest"] | null;
            /**
             * @description In shadow mode only: this transfer never moves its call.
             * @constant
             */
            shadow?: true;
            status: components["schemas"]["TransferStatus"];
            /** @description What happened, and why, in one sentence for people; its words may change. */
            story: string;
            timeline?: components["schemas"]["TimelineEntry"][];
            /** @description While it is open; absent while a worker works on it. */
            waitingFor?: {
                /**
                 * @description `turn`: a worker. `not-before`: its start. `budget`: a request of the budget. `hold-off`: Genesys asked for a pause. `paused`: an operator paused the queue. `retry`: the next try. `proof`: a reading that shows whether the call was moved. `confirmation`: the end of an accepted request; without `until`, an operator or an event. `consult`: the answer of its target.
                 * @enum {string}
                 */
                reason: "turn" | "not-before" | "budget" | "hold-off" | "paused" | "retry" | "proof" | "confirmation" | "consult";
                /**
                 * Format: date-time
                 * @description Not before this time, as far as it is known.
                 */
                until?: string;
            };
        };
        TransferPage: {
            /** @description What of the range is missing, and why; absent if nothing is. */
            incomplete?: string;
            items: components["schemas"]["TransferItem"][];
            /** @description The `cursor` of the next page; null on the last one. */
            next: string | null;
        };
        TransferRequest: {
            /** @description The call to move. */
            callId: string;
            /**
             * Format: date-time
             * @description Never send after this time.
             */
            expiresAt?: string;
            /** @description Where to, when the target does not take calls. */
            fallback?: components["schemas"]["Target"];
            /**
             * @description Also moves a call that waits in a queue, with no agent.
             * @constant
             */
            from?: "queue";
            /** @description Up to 20 strings, carried through to billing. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description When the agent is released: once the target has the call, or at once; `unattended` when absent.
             * @enum {string}
             */
            mode?: "attended" | "unattended";
            /**
             * Format: date-time
             * @description Run later: not before this time.
             */
            notBefore?: string;
            /** @description 0–9, higher first; 5 when absent. */
            priority?: number;
            target: components["schemas"]["Target"];
            /** @enum {string} */
            transferType: "blind" | "consult";
            /** @description The agent on whose behalf it moves; asserted by the upstream. */
            userId: string;
            wrapUpCodeId?: string;
        };
        /**
         * @description Ended: transferred, rejected, expired, cancelled, failed. The others are open.
         * @enum {string}
         */
        TransferStatus: "queued" | "active" | "delayed" | "consulting" | "unconfirmed" | "transferred" | "rejected" | "expired" | "cancelled" | "failed";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listActions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Action"][];
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of an action. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Action"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `action-not-found`: It never existed, or it ended more than 35 days ago. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stopAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of an action. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "Genesys fails again."
                 *     }
                 */
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Action"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `action-not-found`: It never existed, or it ended more than 35 days ago. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description What was done. */
                action?: "replay" | "resolve" | "cancel" | "pause" | "resume" | "sign-in" | "replay-many" | "resolve-many" | "stop" | "send-callback";
                /** @description The name of a key or an operator, also as `operator:anna`. */
                actor?: string;
                /** @description The `next` of the previous page of the same list, with the same filters. */
                cursor?: string;
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description How many, at most. */
                limit?: number;
                /** @description The transfer, dead letter, queue or action. */
                thing?: string;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        /** @description The `cursor` of the next page; null on the last one. */
                        next: string | null;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBillingDiscrepancies: {
        parameters: {
            query?: {
                /** @description The `next` of the previous page of the same list, with the same filters. */
                cursor?: string;
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description How many, at most. */
                limit?: number;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscrepancyPage"];
                    "text/csv": string;
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportBilling: {
        parameters: {
            query?: {
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /**
                 * @description This month (UTC); or give `from`, and `to`.
                 * @example 2026-11
                 */
                month?: string;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `history-unavailable`: The PostgreSQL of the history does not answer, and what was asked for is no longer in Redis. Try again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBillingRecords: {
        parameters: {
            query?: {
                /** @description The `next` of the previous page of the same list, with the same filters. */
                cursor?: string;
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description How many, at most. */
                limit?: number;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BillingPage"];
                    "text/csv": string;
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: string;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                /** @description The `userId` of the request. */
                agent?: string;
                /** @description Of this call; each item then has its timeline. */
                callId?: string;
                /** @description The `next` of the previous page of the same list, with the same filters. */
                cursor?: string;
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description The name of the API key that submitted it. */
                key?: string;
                /** @description Why it needs an operator. */
                kind?: "failed" | "unconfirmed" | "held" | "contradicted";
                /** @description How many, at most. */
                limit?: number;
                /** @description Of the outcome. */
                reason?: "not-permitted" | "forbidden" | "call-is-private" | "call-ended" | "call-moved" | "call-not-found" | "call-not-transferable" | "agent-not-on-call" | "needs-user-token" | "target-unavailable" | "refused-by-platform" | "conflict" | "platform-unavailable" | "target-gave-up" | "workers-lost" | "unreadable-job" | "settled-by-operator" | "shadow";
                /** @description Its status now. */
                status?: "queued" | "active" | "delayed" | "consulting" | "unconfirmed" | "transferred" | "rejected" | "expired" | "cancelled" | "failed";
                /** @description The id of the target that was asked for. */
                target?: string;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetters"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a transfer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "The receiver was repaired."
                 *     }
                 */
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transfer"] | components["schemas"]["BillingDeadLetter"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `transfer-not-found`: It never existed, or its record was deleted after the retention time. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-a-dead-letter`: Only dead letters can be replayed. `call-already-in-transfer`: Another transfer holds the call; `holder` identifies it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolveDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a transfer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "happened": true,
                 *       "reason": "The caller was heard in the queue."
                 *     }
                 */
                "application/json": components["schemas"]["Resolution"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transfer"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `transfer-not-found`: It never existed, or its record was deleted after the retention time. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-unconfirmed`: Only an unconfirmed transfer can be resolved by an operator. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": {
                 *         "reason": "platform-unavailable"
                 *       },
                 *       "reason": "The outage is over.",
                 *       "dryRun": true
                 *     }
                 */
                "application/json": components["schemas"]["ReplayMany"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionPreview"];
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionStarted"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolveDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "filter": {
                 *         "kind": "unconfirmed"
                 *       },
                 *       "happened": false,
                 *       "reason": "The agents were asked.",
                 *       "dryRun": true
                 *     }
                 */
                "application/json": components["schemas"]["ResolveMany"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionPreview"];
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionStarted"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description One of transfers, simulated-transfers, follow-ups, callbacks, billing, billing-http, billing-postgres.
                 * @example transfers
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "The billing system moves."
                 *     }
                 */
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueState"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `queue-not-found`: `detail` lists the queues. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description One of transfers, simulated-transfers, follow-ups, callbacks, billing, billing-http, billing-postgres.
                 * @example transfers
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "The billing system has moved."
                 *     }
                 */
                "application/json": components["schemas"]["Replay"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueState"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `queue-not-found`: `detail` lists the queues. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBillingReport: {
        parameters: {
            query?: {
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BillingReport"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getQualityReport: {
        parameters: {
            query?: {
                /** @description Only transfers of this agent (`userId`). */
                agent?: string;
                /** @description Adds a row for each of these. */
                by?: "minute" | "hour" | "day" | "queue" | "agent" | "key";
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description Only transfers that the API key with this name submitted. */
                key?: string;
                /** @description Only transfers that were to go to this queue. */
                queue?: string;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QualityReport"];
                    "text/csv": string;
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `history-unavailable`: The PostgreSQL of the history does not answer, and what was asked for is no longer in Redis. Try again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-failures`: The address or the name must wait as long as `Retry-After` says. API keys in the header are not affected. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTrainingRuns: {
        parameters: {
            query?: {
                /** @description With whom. */
                class?: string;
                /** @description The `next` of the previous page of the same list, with the same filters. */
                cursor?: string;
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description How many, at most. */
                limit?: number;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
                /** @description Who practised. */
                trainee?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingPage"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTrainingRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a run. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrainingRunTold"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `run-not-found`: It never existed, or was deleted after 400 days. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listScenarios: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Scenario"][];
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `simulator-not-configured`: SANDBOX_URL is not set. `sandbox-unreachable`: The sandbox at SANDBOX_URL does not answer, or something else answers there. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulateTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "agent-1",
                 *       "callId": "practice-1",
                 *       "targetQueueId": "queue-1",
                 *       "fallbackQueueId": "queue-2",
                 *       "scenario": "queue-closed",
                 *       "trainee": "Ann"
                 *     }
                 */
                "application/json": components["schemas"]["SimulatedTransfer"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimulatorAnswer"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `unknown-scenario`: The simulator has no such scenario; `detail` lists all of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. `simulated-transfer-refused`: The agent may not transfer, or the call is private. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `call-already-in-transfer`: Another transfer holds the call; `holder` identifies it. `simulated-transfer-conflict`: The call changed or was moved in the meantime. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-waits`: The API key has reached its limit of open streams and waits; `detail` states it. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. `simulated-transfer-failed`: The transfer ended without moving the call, or took too long. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `simulator-not-configured`: SANDBOX_URL is not set. `sandbox-unreachable`: The sandbox at SANDBOX_URL does not answer, or something else answers there. `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTransfers: {
        parameters: {
            query?: {
                /** @description The `userId` of the request. */
                agent?: string;
                /** @description Of this call; each item then has its timeline. */
                callId?: string;
                /** @description The `next` of the previous page of the same list, with the same filters. */
                cursor?: string;
                /** @description From this time, inclusive; of a date, from its beginning (UTC). */
                from?: string;
                /** @description The name of the API key that submitted it. */
                key?: string;
                /** @description How many, at most. */
                limit?: number;
                /** @description Of the outcome. */
                reason?: "not-permitted" | "forbidden" | "call-is-private" | "call-ended" | "call-moved" | "call-not-found" | "call-not-transferable" | "agent-not-on-call" | "needs-user-token" | "target-unavailable" | "refused-by-platform" | "conflict" | "platform-unavailable" | "target-gave-up" | "workers-lost" | "unreadable-job" | "settled-by-operator" | "shadow";
                /** @description Its status now. */
                status?: "queued" | "active" | "delayed" | "consulting" | "unconfirmed" | "transferred" | "rejected" | "expired" | "cancelled" | "failed";
                /** @description The id of the target that was asked for. */
                target?: string;
                /** @description Until this time, exclusive; of a date, until its end (UTC). */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferPage"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `history-unavailable`: The PostgreSQL of the history does not answer, and what was asked for is no longer in Redis. Try again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    submitTransfer: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable characters, bare or in double quotes; scoped to the API key and route. The same key and body get the first answer again, with `Idempotency-Replayed: true`, until 24 h after the outcome. */
                "idempotency-key"?: string;
                /**
                 * @description `wait=N` (RFC 7240): wait up to N seconds, at most 30, for the outcome.
                 * @example wait=10
                 */
                prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "callId": "call-1",
                 *       "userId": "agent-1",
                 *       "transferType": "blind",
                 *       "target": {
                 *         "type": "queue",
                 *         "id": "queue-support"
                 *       },
                 *       "fallback": {
                 *         "type": "queue",
                 *         "id": "queue-sales"
                 *       },
                 *       "metadata": {
                 *         "case": "4711"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["TransferRequest"];
            };
        };
        responses: {
            /** @description The transfer with its outcome (`Prefer: wait`). */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transfer"];
                };
            };
            /** @description Accepted; `Location` is the URL of the transfer. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. `invalid-idempotency-key`: It must be 1 to 255 printable characters. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `call-already-in-transfer`: Another transfer holds the call; `holder` identifies it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency-key-reused`: The key was already used with a different body. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTransfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a transfer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transfer"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `transfer-not-found`: It never existed, or its record was deleted after the retention time. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `history-unavailable`: The PostgreSQL of the history does not answer, and what was asked for is no longer in Redis. Try again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelTransfer: {
        parameters: {
            query?: {
                /** @description Why; kept in the timeline and in the audit. */
                reason?: string;
            };
            header?: never;
            path: {
                /** @description The id of a transfer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cancelled. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transfer"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `transfer-not-found`: It never existed, or its record was deleted after the retention time. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-late`: The transfer was already sent, or has ended. Nothing changed. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sendCallback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of one of its callbacks. */
                callbackId: string;
                /** @description The id of a transfer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It waits to be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Callback"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `transfer-not-found`: It never existed, or its record was deleted after the retention time. `callback-not-found`: The transfer has no callback with this id. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `callback-not-sendable`: Its API key has no receiver in CALLBACKS any more, or it was being sent at this moment; `detail` says which. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamTransfer: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event received; the stream resumes after it. */
                "last-event-id"?: string;
            };
            path: {
                /** @description The id of a transfer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description The client has already seen the outcome. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `transfer-not-found`: It never existed, or its record was deleted after the retention time. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-waits`: The API key has reached its limit of open streams and waits; `detail` states it. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    submitTransfers: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 printable characters, bare or in double quotes; scoped to the API key and route. The same key and body get the first answer again, with `Idempotency-Replayed: true`, until 24 h after the outcome. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "transfers": [
                 *         {
                 *           "callId": "call-2",
                 *           "userId": "agent-2",
                 *           "transferType": "blind",
                 *           "target": {
                 *             "type": "queue",
                 *             "id": "queue-support"
                 *           }
                 *         },
                 *         {
                 *           "callId": "call-3",
                 *           "userId": "agent-3",
                 *           "transferType": "blind",
                 *           "target": {
                 *             "type": "queue",
                 *             "id": "queue-support"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Batch"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchAnswer"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. `invalid-idempotency-key`: It must be 1 to 255 printable characters. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency-key-reused`: The key was already used with a different body. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamTransfers: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event received; the stream resumes after it. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-waits`: The API key has reached its limit of open streams and waits; `detail` states it. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        mode: "live" | "shadow";
                        /** @enum {string} */
                        status: "alive";
                        /** @description Of Handover. */
                        version: string;
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProblems: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ProblemMeaning"][];
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The code of a problem.
                 * @example call-already-in-transfer
                 */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemMeaning"];
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `route-not-found`: There is no such path. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"] | {
                        /** @enum {string} */
                        status: "ready" | "not-ready" | "stopping";
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is unavailable or denies what is needed, or the process is stopping. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"] | {
                        /** @enum {string} */
                        status: "ready" | "not-ready" | "stopping";
                    };
                };
            };
        };
    };
    receiveEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "id": "event-1",
                 *       "type": "voice.call.updated",
                 *       "timestamp": "2026-11-20T08:00:00Z",
                 *       "event_data": {
                 *         "id": "call-20",
                 *         "transferType": "blind",
                 *         "target": {
                 *           "id": "queue-support"
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["CallEvent"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        detail?: string;
                        /** @enum {string} */
                        status: "queued" | "duplicate" | "ignored";
                    };
                };
            };
            /** @description `bad-request`: The request is not valid HTTP, or its URL, query or body cannot be decoded. `invalid-request`: Some fields are invalid; `errors` lists each of them. `malformed-json`: The body is not valid JSON, or contains a forbidden key (`__proto__`). `empty-body`: The route requires a JSON body. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthenticated`: The API key, the operator’s name and password, or the signature or secret of an event is missing or wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `host-not-allowed`: Without API keys only requests to a loopback host are served. `not-allowed`: The role of the caller does not allow it; `detail` names the roles that do. `csrf-token-wrong`: With a session every change needs the header `X-CSRF-Token`, as `GET /api/session` gives it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request-timeout`: The request did not arrive in time. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body-too-large`: The limit is 4 MiB for a batch and for many dead letters, and 64 KiB for any other body, after decompression. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type`: Bodies must be `application/json`, uncompressed or compressed with gzip, deflate or br. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `headers-too-large`: The URL and headers together exceed 16 KiB. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal-error`: An unexpected error in Handover; the log has it under the request id. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `redis-unavailable`: Redis does not answer or is unusable, so nothing is guaranteed. Try again, with the same `Idempotency-Key`. `redis-full`: Redis is near its memory limit, so no new transfers are accepted. `webhook-not-configured`: WEBHOOK_SECRET is not set, so events cannot be authenticated; or HANDOVER_MODE is shadow, or GENESYS_API is platform, which sends none. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
