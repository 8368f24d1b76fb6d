/** Has the browser save this text as a file. */
export function saveFile(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The click only begins to save it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
