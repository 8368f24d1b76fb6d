import { useState } from 'react';
import { Button } from './button.tsx';

/** A command or text to copy. */
export function Code({ children, what = 'command' }: { children: string; what?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    // Browsers give a page the clipboard on https and loopback only.
    await navigator.clipboard?.writeText(children);
    setCopied(true);
  };
  return (
    <div>
      <pre className="code">{children}</pre>
      {navigator.clipboard !== undefined && (
        <Button look="plain" onPress={() => void copy()}>
          {isCopied ? 'Copied' : `Copy the ${what}`}
        </Button>
      )}
    </div>
  );
}

/** A value for a POSIX shell, quoted so that nothing in it is executed. */
export function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same request by hand. The key stands in a variable: a console shows no secret. */
export function curlOf(method: string, path: string, body?: unknown): string {
  const lines = [
    `curl -sS${method === 'GET' ? '' : ` -X ${method}`} ${quoted(`${location.origin}${path}`)}`,
    `-H "authorization: Bearer $HANDOVER_API_KEY"`,
  ];
  if (body !== undefined)
    lines.push(`-H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`);
  return lines.join(' \\\n  ');
}
