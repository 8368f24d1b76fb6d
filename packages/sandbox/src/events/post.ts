import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 5_000;
// Below the five seconds after which many servers close idle connections, so that no request hits a closed one.
const IDLE_MS = 4_000;

/** POSTs to any http or https URL over keep-alive connections. */
export class Poster {
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
    'https:': new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
  };

  /**
   * Sends the body and returns the status, without following redirects. Rejects without an answer within five
   * seconds, and when `signal` fires.
   */
  post(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<number> {
    const isSecure = new URL(url).protocol === 'https:';
    const agent = this.#agents[isSecure ? 'https:' : 'http:'];
    return new Promise((resolve, reject) => {
      let status: number | undefined;
      let failure = new Error('No answer');
      const request = (isSecure ? https : http).request(url, { method: 'POST', headers, agent, signal });
      const timer = setTimeout(() => request.destroy(new Error('No answer in time')), TIMEOUT_MS);
      request.on('error', (error) => {
        failure = error;
      });
      request.on('response', (response) => {
        status = response.statusCode;
        // The status is final, however the body ends.
        response.on('error', () => {});
        response.resume();
      });
      request.on('close', () => {
        clearTimeout(timer);
        if (status === undefined) reject(failure);
        else resolve(status);
      });
      request.end(body);
    });
  }

  /** Cuts every connection. It can be used again afterwards. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}
