/** One GetMedia request without any client: by Node's own modules, signed by hand (AWS Signature Version 4). */
// A deployed recorder speaks TLS: what that takes to load is in every other program, too.
import 'node:https';
import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';

const {
  AWS_ACCESS_KEY_ID = '',
  AWS_SECRET_ACCESS_KEY = '',
  AWS_REGION = '',
  STREAM_ARN = '',
  ENDPOINT = '',
} = process.env;

const body = JSON.stringify({ StreamARN: STREAM_ARN, StartSelector: { StartSelectorType: 'EARLIEST' } });
const url = new URL('/getMedia', ENDPOINT);
const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
const scope = [time.slice(0, 8), AWS_REGION, 'kinesisvideo', 'aws4_request'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

const signed = { host: url.host, 'x-amz-content-sha256': sha256(body), 'x-amz-date': time };
const names = Object.keys(signed).join(';');
const canonical = [
  'POST',
  url.pathname,
  '',
  ...Object.entries(signed).map(([name, value]) => `${name}:${value}`),
  '',
  names,
  signed['x-amz-content-sha256'],
].join('\n');
const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
const key = scope.reduce<string | Buffer>(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`);
const authorization = `AWS4-HMAC-SHA256 Credential=${[AWS_ACCESS_KEY_ID, ...scope].join('/')}, SignedHeaders=${names}, Signature=${hmac(key, toSign).toString('hex')}`;

request(url, {
  method: 'POST',
  headers: { ...signed, authorization, 'content-type': 'application/json' },
}).end(body);
