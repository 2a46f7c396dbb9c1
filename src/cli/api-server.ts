/** One question of the API server, with what every pod is given for it: for who needs no more than that. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { EnvironmentError } from '#diagnostics';

/** Returns what is there; anything but 200 throws. */
export type Ask = (path: string) => Promise<string>;

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const ANSWER_MS_MAX = 10_000;
const ANSWER_CHARACTERS_MAX = 1024 * 1024;

/** Throws RF3611 outside a pod. The token is read anew each time: it is replaced while the pod runs. */
export function askInPod(environment: Readonly<Record<string, string | undefined>>, account = ACCOUNT): Ask {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined) throw new EnvironmentError('RF3611', { reason: 'KUBERNETES_SERVICE_HOST is not set' });
  const read = (file: string) => readFileSync(`${account}/${file}`, 'utf8').trim();
  try {
    read('token');
  } catch (cause) {
    throw new EnvironmentError('RF3611', { reason: (cause as Error).message }, { cause });
  }
  return (path) => get({ host, port, path, ca: read('ca.crt'), token: read('token') });
}

type Question = Readonly<Record<'host' | 'port' | 'path' | 'ca' | 'token', string>>;

function get({ token, ...where }: Question): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const call = request({ ...where, headers, signal }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > ANSWER_CHARACTERS_MAX) call.destroy(new Error('the answer is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`it answers ${answer.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end();
  });
}
