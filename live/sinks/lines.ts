/** Lines of at most so many bytes; a longer one is undefined, and nothing of it is kept. */
export async function* linesOf(
  stream: AsyncIterable<Buffer | string>,
  bytesMax: number,
): AsyncGenerator<string | undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let rest: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      length += end;
      if (length <= bytesMax) yield Buffer.concat([...parts, rest.subarray(0, end)]).toString();
      else yield undefined;
      [parts, length] = [[], 0];
      rest = rest.subarray(end + 1);
    }
    length += rest.length;
    if (length <= bytesMax) parts.push(rest);
    else parts = [];
  }
}
