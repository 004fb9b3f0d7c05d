import { describe, expect, it } from 'vitest';
import { chooseProxy } from './choose-proxy.ts';

const server = 'https://cloudoptim.example.com';
const proxy = 'http://proxy:3128';
const chosen = (environment: Record<string, string>, url = server, option?: string) =>
  chooseProxy(url, option, environment)?.origin;

describe('the proxy of the environment', () => {
  it('is that of the scheme of the server, the lower-case name first', () => {
    expect(chosen({})).toBeUndefined();
    expect(chosen({ HTTP_PROXY: proxy })).toBeUndefined();
    expect(chosen({ HTTPS_PROXY: proxy })).toBe(proxy);
    expect(chosen({ HTTPS_PROXY: 'http://other:1', https_proxy: proxy })).toBe(proxy);
    expect(
      chosen({ HTTP_PROXY: proxy, HTTPS_PROXY: 'http://other:1' }, 'http://cloudoptim.example.com'),
    ).toBe(proxy);
    expect(chosen({ HTTPS_PROXY: 'proxy:3128' })).toBe(proxy);
  });

  it.each([
    ['*'],
    ['other, cloudoptim.example.com'],
    ['CloudOptim.Example.com:443'],
    ['example.com'],
    ['.example.com'],
    ['*.example.com'],
  ])('is passed by for what NO_PROXY names: %s', noProxy => {
    expect(chosen({ HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBeUndefined();
  });

  it.each([
    ['ample.com'],
    ['cloudoptim.example.com:8443'],
    ['.cloudoptim.example.com.evil'],
    ['10.0.0.0/8'],
    [''],
    [','],
  ])('is taken when NO_PROXY names something else: %s', noProxy => {
    expect(chosen({ HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(proxy);
  });

  it('is passed by for ranges of addresses that hold the server', () => {
    const for10 = (noProxy: string, url: string) => chosen({ HTTPS_PROXY: proxy, NO_PROXY: noProxy }, url);
    expect(for10('10.0.0.0/8', 'https://10.1.2.3')).toBeUndefined();
    expect(for10('10.0.0.0/8', 'https://11.1.2.3')).toBe(proxy);
    expect(for10('10.0.0.0/99', 'https://10.1.2.3')).toBe(proxy);
    expect(for10('fd00::/8', 'https://[fd00::1]')).toBeUndefined();
    expect(for10('fd00::/8', 'https://[fe80::1]')).toBe(proxy);
  });

  it('never stands before a loopback address, unlike one that was named for the agent', () => {
    for (const url of ['https://127.0.0.1:8000', 'https://localhost', 'https://[::1]:8000']) {
      expect(chosen({ HTTPS_PROXY: proxy }, url)).toBeUndefined();
      expect(chosen({ HTTPS_PROXY: 'http://other:1', NO_PROXY: '*' }, url, proxy)).toBe(proxy);
    }
  });
});

it('refuses what is no http proxy by its name, without the password in it', () => {
  expect(() => chosen({ HTTPS_PROXY: 'socks5://me:secret@proxy:1080' })).toThrow(
    /^HTTPS_PROXY is "socks5:\/\/proxy:1080"; give the proxy as/,
  );
  expect(() => chosen({}, server, 'http://me:secret@pro xy')).toThrow(/^--proxy is "http:\/\/pro xy"/);
});
