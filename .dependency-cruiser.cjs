/** The walls of DESIGN §2. Each sentence says what to do instead. */
const rooms = ['market', 'models', 'forecasting', 'clusters', 'decisions', 'savings'];

/** A room may see the rooms before it, through their face only. */
const roomWalls = rooms.flatMap((room, index) => {
  const later = [...rooms.slice(index + 1), 'sync'];
  return [
    {
      name: `${room}-sees-only-rooms-before-it`,
      comment: `Data walks market → models → forecasting → clusters → decisions → savings. What ${room} needs of a later room comes in as a parameter from engine.ts.`,
      severity: 'error',
      from: { path: `^server/${room}/` },
      to: { path: `^server/(${later.join('|')})/` },
    },
    {
      name: `${room}-is-entered-by-its-face`,
      comment: `Import server/${room}/index.ts; what is missing there is not public. What a thread loads comes from for-threads.ts, where a room has one.`,
      severity: 'error',
      from: { path: '^server/', pathNot: `^server/${room}/` },
      to: { path: `^server/${room}/`, pathNot: `^server/${room}/(index|for-threads)\\.ts$` },
    },
  ];
});

const own = '^(server|agent|simulator|src-main|src-preload|src-renderer|tests|bench|scripts)/';

module.exports = {
  forbidden: [
    ...roomWalls,
    {
      name: 'platform-sees-no-room',
      comment: 'Platform serves all rooms and knows none; take what you need as a parameter.',
      severity: 'error',
      from: { path: '^server/platform/' },
      to: { path: '^server/(?!platform/)' },
    },
    {
      name: 'platform-is-entered-by-its-face',
      comment:
        'Import server/platform/index.ts. A child process imports its one file: the face would load the whole engine into it.',
      severity: 'error',
      from: { path: '^server/', pathNot: '^server/platform/|-child\\.ts$' },
      to: {
        path: '^server/platform/',
        pathNot: '^server/platform/index\\.ts$|^server/platform/database/testing/',
      },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'What lies in a folder testing/ belongs to tests; the engine runs without it.',
      severity: 'error',
      from: {
        path: '^server/',
        pathNot: '\\.test\\.ts$|\\.fixture\\.ts$|/testing/',
      },
      to: { path: '^server/.*/testing/' },
    },
    {
      name: 'rooms-do-not-see-the-composition-root',
      comment: 'Only main.ts, cli/ and index.ts may import engine.ts.',
      severity: 'error',
      from: { path: `^server/(${rooms.join('|')}|platform)/` },
      to: { path: '^server/(engine|main|index|version|price-of-node|report-spot-nodes)\\.ts$|^server/cli/' },
    },
    {
      name: 'common-stands-alone',
      comment: 'common/ holds contracts: zod only, no Node, no room.',
      severity: 'error',
      from: { path: '^common/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^common/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'server-sees-common-only',
      comment: 'The engine runs headless: nothing of the desktop, the agent or the simulator.',
      severity: 'error',
      from: { path: '^server/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(agent|simulator|src-main|src-preload|src-renderer|scripts)/' },
    },
    {
      name: 'agent-sees-protocol-and-units',
      comment: 'The agent is small: common/agent-protocol, common/kubernetes and common/units only.',
      severity: 'error',
      from: { path: '^agent/', pathNot: '\\.test\\.ts$' },
      to: { path: `${own}|^common/`, pathNot: '^agent/|^common/(agent-protocol|kubernetes|units)/' },
    },
    {
      name: 'simulator-sees-units',
      comment: 'The pretend world knows nothing of the product: common/units only.',
      severity: 'error',
      from: { path: '^simulator/', pathNot: '\\.test\\.ts$' },
      to: { path: `${own}|^common/`, pathNot: '^simulator/|^common/units/' },
    },
    {
      name: 'renderer-sees-common',
      comment: 'The UI talks to the engine over HTTP and Socket.IO; import common/ only.',
      severity: 'error',
      from: { path: '^src-renderer/', pathNot: '\\.test\\.tsx?$' },
      to: { path: own, pathNot: '^src-renderer/' },
    },
    {
      name: 'preload-has-no-npm',
      comment: 'The preload script carries types and the few OS verbs only.',
      severity: 'error',
      from: { path: '^src-preload/' },
      to: { pathNot: ['^src-preload/', '^common/', '(^|/)node_modules/electron/'] },
    },
    {
      name: 'main-starts-the-engine-in-one-place',
      comment: 'Only src-main/engine/ may import the engine, and only server/index.ts.',
      severity: 'error',
      from: { path: '^src-main/', pathNot: '^src-main/engine/' },
      to: { path: '^server/' },
    },
    {
      name: 'main-enters-the-engine-by-its-face',
      comment: 'Import server/index.ts.',
      severity: 'error',
      from: { path: '^src-main/engine/' },
      to: { path: '^server/', pathNot: '^server/index\\.ts$' },
    },
    {
      name: 'nobody-imports-tests-or-bench',
      comment: 'tests/ and bench/ import; they are never imported.',
      severity: 'error',
      from: {
        path: '^(common|server|agent|simulator|src-main|src-preload|src-renderer|scripts)/',
        pathNot: '\\.test\\.tsx?$',
      },
      to: { path: '^(tests|bench)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^out/|^resources/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
