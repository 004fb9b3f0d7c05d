import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesOfVariable } from './kubeconfig-files.ts';
import { Kubeconfigs } from './kubeconfigs.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cloudoptim-kube-'));
  mkdirSync(join(home, '.kube'));
});
afterEach(() => rmSync(home, { recursive: true }));

interface Written {
  /** Name of the context → server of its cluster. */
  readonly contexts: Readonly<Record<string, string>>;
  readonly current?: string;
  readonly user?: object;
}

function text({ contexts, current, user = { token: 'secret-token' } }: Written): string {
  const names = Object.keys(contexts);
  return JSON.stringify({
    clusters: names.map(name => ({ name: `c-${name}`, cluster: { server: contexts[name] } })),
    users: [{ name: 'me', user }],
    contexts: names.map(name => ({ name, context: { cluster: `c-${name}`, user: 'me', namespace: 'shop' } })),
    'current-context': current,
  });
}

function write(name: string, content: string | Written): string {
  const path = join(home, name);
  writeFileSync(path, typeof content === 'string' ? content : text(content));
  return path;
}

/** The contexts with their servers, as they are found now. */
async function found(kubeconfigs: Kubeconfigs) {
  const { contexts, problems } = await kubeconfigs.list();
  return { contexts: contexts.map(({ name, server }) => `${name} ${server}`), problems };
}

describe('the contexts of this machine', () => {
  it('are merged as kubectl does: of a name the first counts whole, and files complete each other', async () => {
    const first = write('first', {
      contexts: { a: 'https://a.example:6443' },
      current: 'b',
    });
    const second = write(
      'second',
      JSON.stringify({
        clusters: [
          { name: 'c-a', cluster: { server: 'https://other.example' } },
          { name: 'c-b', cluster: { server: 'https://b.example' } },
        ],
        contexts: [
          { name: 'a', context: { cluster: 'c-b' } },
          { name: 'b', context: { cluster: 'c-b', user: 'me' } },
        ],
        'current-context': 'a',
      }),
    );
    write('.kube/config', { contexts: { a: 'https://home.example', home: 'https://home.example' } });
    const kubeconfigs = new Kubeconfigs(() => ({
      files: filesOfVariable([first, '', second].join(delimiter)),
      home,
    }));
    const { contexts, problems } = await kubeconfigs.list();
    expect(problems).toEqual([]);
    expect(contexts).toEqual([
      {
        name: 'a',
        file: first,
        cluster: 'c-a',
        server: 'a.example:6443',
        namespace: 'shop',
        isCurrent: false,
        runs: null,
        problem: null,
      },
      expect.objectContaining({
        name: 'b',
        file: second,
        server: 'b.example',
        isCurrent: true,
        problem: null,
      }),
      expect.objectContaining({ name: 'home', file: join(home, '.kube/config') }),
    ]);
    // Nothing that a person is shown holds a credential.
    expect(JSON.stringify(contexts)).not.toContain('secret-token');
  });

  it('of broken files are told in one sentence each, and hide no others', async () => {
    const good = write('good', { contexts: { good: 'https://good.example' } });
    const torn = write('torn', 'clusters:\n- name: x\n  cluster: {server: "https://x\n');
    const other = write('other', 'just a text');
    const wrong = write('wrong', 'contexts: {a: b}');
    const missing = join(home, 'missing');
    const half = write(
      'half',
      'contexts: [{context: {}}, {name: lost, context: {cluster: gone}}]\nclusters: [{name: x, cluster: 5}]',
    );
    const bomb = write(
      'bomb',
      `a: &a [x]\n${Array.from({ length: 30 }, (_, n) => `${n === 0 ? 'b0: &b0 [*a, *a]' : `b${n}: &b${n} [*b${n - 1}, *b${n - 1}]`}`).join('\n')}\ncontexts: []`,
    );
    const files = [torn, other, wrong, missing, home, half, bomb, good];
    const { contexts, problems } = await new Kubeconfigs(() => ({ files })).list();
    expect(contexts.map(({ name, problem }) => [name, problem])).toEqual([
      ['lost', 'Context "lost" names the cluster "gone", which no file describes.'],
      ['good', null],
    ]);
    expect(problems).toEqual([
      `${torn} is no YAML: line 4 cannot be read.`,
      `${other} is no kubeconfig: it has no clusters, users or contexts.`,
      `${wrong} is no kubeconfig: its contexts are no list.`,
      `${missing} does not exist.`,
      `${home} is no file.`,
      `${half}: clusters[0], contexts[0] cannot be read, and are left out.`,
      `${bomb} is no kubeconfig: it has no clusters, users or contexts.`,
    ]);
  });

  it('of a folder stand each for itself, also where all are called the same', async () => {
    mkdirSync(join(home, 'many'));
    write('many/k3s-1', { contexts: { default: 'https://one.example' }, current: 'default' });
    write('many/k3s-2.yaml', { contexts: { default: 'https://two.example' } });
    write('many/notes.txt', 'no kubeconfig');
    write('many/.hidden', { contexts: { hidden: 'https://hidden.example' } });
    const kubeconfigs = new Kubeconfigs(() => ({ files: [], home, folder: join(home, 'many') }));
    expect(await found(kubeconfigs)).toEqual({
      contexts: ['default one.example', 'default two.example'],
      problems: [],
    });
    const second = await kubeconfigs.find('default', join(home, 'many/k3s-2.yaml'));
    expect(second.server.host).toBe('two.example');
    const gone = new Kubeconfigs(() => ({ files: [], folder: join(home, 'gone') }));
    expect((await gone.list()).problems).toEqual([
      `The folder ${join(home, 'gone')} cannot be read (ENOENT).`,
    ]);
  });

  it('are those of a file that was put in the place of another, at the same size', async () => {
    const path = write('config', { contexts: { old: 'https://old.example' } });
    const kubeconfigs = new Kubeconfigs(() => ({ files: [path] }));
    expect((await found(kubeconfigs)).contexts).toEqual(['old old.example']);
    renameSync(write('config.new', { contexts: { new: 'https://new.example' } }), path);
    expect((await found(kubeconfigs)).contexts).toEqual(['new new.example']);
    rmSync(path);
    expect(await found(kubeconfigs)).toEqual({ contexts: [], problems: [`${path} does not exist.`] });
  });

  it('are those to which a swapped link leads, as Kubernetes mounts a Secret', async () => {
    for (const [stamp, name] of [
      ['..1', 'old'],
      ['..2', 'new'],
    ] as const) {
      mkdirSync(join(home, stamp));
      write(`${stamp}/config`, { contexts: { [name]: `https://${name}.example` } });
    }
    symlinkSync('..1', join(home, '..data'));
    symlinkSync(join('..data', 'config'), join(home, 'config'));
    symlinkSync(join('..', 'config'), join(home, '.kube/config'));
    const named = new Kubeconfigs(() => ({ files: [join(home, 'config')] }));
    const usual = new Kubeconfigs(() => ({ files: [], home }));
    expect((await found(named)).contexts).toEqual(['old old.example']);
    expect((await found(usual)).contexts).toEqual(['old old.example']);
    symlinkSync('..2', join(home, '..data_tmp'));
    renameSync(join(home, '..data_tmp'), join(home, '..data'));
    expect((await found(named)).contexts).toEqual(['new new.example']);
    expect((await found(usual)).contexts).toEqual(['new new.example']);
  });

  it('tell a program for signing in, and do not run it', async () => {
    const mark = join(home, 'it-ran');
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './sign-in.sh', args: [mark] };
    writeFileSync(join(home, 'sign-in.sh'), '#!/bin/sh\ntouch "$1"\n', { mode: 0o755 });
    const path = write('config', { contexts: { a: 'https://a.example' }, user: { exec } });
    const kubeconfigs = new Kubeconfigs(() => ({ files: [path] }));
    expect((await kubeconfigs.list()).contexts).toMatchObject([{ name: 'a', runs: 'sign-in.sh' }]);
    await kubeconfigs.find('a');
    expect(() => rmSync(mark)).toThrow('ENOENT');
  });

  it('that are not there are told with those that are', async () => {
    const path = write('config', { contexts: { a: 'https://a.example', b: 'ftp://b' } });
    const kubeconfigs = new Kubeconfigs(() => ({ files: [path] }));
    await expect(kubeconfigs.find('c')).rejects.toMatchObject({
      code: 'kubeconfig.unusable',
      message: 'There is no context "c".',
      hint: 'Known are a, b.',
    });
    await expect(kubeconfigs.find('b')).rejects.toMatchObject({
      message: 'The server of cluster "c-b" is no address that begins with https:// or http://.',
    });
  });
});
