export type Print = {
  isJson: boolean;
  /** A line for people. */
  line: (text?: string) => void;
  /** The one document of a command. */
  document: (value: unknown) => void;
  /** One of many values, a line each. */
  jsonLine: (value: unknown) => void;
  /** Text of a JSON document that is printed in pieces. */
  raw: (text: string) => void;
};

type Printing = { out: (text: string) => void; isJson: boolean; beforeLine?: () => void };

/** Writes what a command has to say. Nothing in it can steer a terminal. */
export function createPrint({ out, isJson, beforeLine = () => undefined }: Printing): Print {
  const write = (text: string) => {
    beforeLine();
    out(text);
  };
  return {
    isJson,
    line: (text = '') => write(`${harmless(text)}\n`),
    document: (value) => write(`${jsonOf(value, 2)}\n`),
    jsonLine: (value) => write(`${jsonOf(value)}\n`),
    raw: write,
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what steers a terminal
const STEERING = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text with everything that steers a terminal written out. */
export function harmless(text: string): string {
  return text.replaceAll(STEERING, escaped);
}

/** As JSON; `JSON.stringify` leaves some control characters as they are. */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(/[\u007f-\u009f]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
