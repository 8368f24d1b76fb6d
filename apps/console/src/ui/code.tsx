import { useRef, useState } from 'react';
import { Button } from './button.tsx';

/** A command or text to copy. Where the clipboard is refused, it is selected instead. */
export function Code({ children, what = 'command' }: { children: string; what?: string }) {
  const [copied, setCopied] = useState<'yes' | 'refused'>();
  const shown = useRef<HTMLPreElement>(null);
  const copy = async () => {
    try {
      // Browsers give a page the clipboard on https and loopback only.
      await navigator.clipboard.writeText(children);
      setCopied('yes');
    } catch {
      if (shown.current !== null) getSelection()?.selectAllChildren(shown.current);
      setCopied('refused');
    }
  };
  return (
    <div>
      <pre ref={shown} className="code">
        {children}
      </pre>
      <Button look="plain" onPress={() => void copy()}>
        {copied === 'yes' ? 'Copied' : `Copy the ${what}`}
      </Button>
      <span role="status" className="small">
        {copied === 'refused' &&
          `The browser did not let it be copied. The ${what} is selected: copy it with the keyboard.`}
      </span>
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
