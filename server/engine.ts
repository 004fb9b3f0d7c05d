import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Namespace, Server as SocketServer } from 'socket.io';
import { DEFAULT_POLICY_SCOPE, type PolicyDocument } from '../common/contracts/index.ts';
import { capacityOfType } from './capacity-of-type.ts';
import {
  addClusterRoutes,
  clusterMigrations,
  createClusters,
  filesOfVariable,
  Kubeconfigs,
  serveAgents,
} from './clusters/index.ts';
import {
  addCapacityRoutes,
  addContextPlanRoutes,
  addDecisionRoutes,
  addEngineRoutes,
  addPolicyRoutes,
  addRightsizingRoutes,
  ContextPlans,
  createBinPacking,
  createDecisions,
  createRightsizing,
  decisionMigrations,
} from './decisions/index.ts';
import {
  addForecastRoutes,
  createForecasting,
  featureCatalog,
  forecastMigrations,
} from './forecasting/index.ts';
import { addMarketRoutes, createMarket, marketMigrations } from './market/index.ts';
import { kubeconfigRefusal } from './may-read-kubeconfigs.ts';
import { addModelRoutes, createModels, modelMigrations } from './models/index.ts';
import {
  Access,
  AccessStore,
  AuditLog,
  accessMigrations,
  addOperationRoutes,
  auditMigrations,
  type Clock,
  createHttpServer,
  createLog,
  createRoutes,
  JobQueue,
  jobMigrations,
  LiveHub,
  type Logger,
  Metrics,
  newId,
  openDatabase,
  type PostgresLease,
  type ReplicaTrust,
  type Settings,
  serveAsLeader,
  serveLive,
  serveSockets,
  startTracing,
  systemClock,
  watchStorage,
} from './platform/index.ts';
import { priceOfNode } from './price-of-node.ts';
import { measureBatches, reportMetrics } from './report-metrics.ts';
import { reportSpotNodes } from './report-spot-nodes.ts';
import { addSavingRoutes, createSavings, savingMigrations } from './savings/index.ts';
import { serveAccess } from './serve-access.ts';
import { addSyncRoutes, createSync, syncMigrations } from './sync/index.ts';

const MIB = 1024 ** 2;

/** What an engine is made from. */
export interface EngineOptions {
  readonly settings: Settings;
  readonly version: string;
  /** Folder with `catalog/`, as shipped in `resources/`. */
  readonly resourcesFolder: string;
  /** Folder of the built UI, where it is to be served. */
  readonly uiFolder: string | undefined;
  /** The Node program for child processes; not this one inside Electron. */
  readonly nodePath?: string;
  /** The script of inference children, where the program is bundled and so is not beside its source. */
  readonly inferenceScript?: string;
  /** The script of the children of uploaded decision engines, likewise. */
  readonly plugInScript?: string;
  /** The policy where none was saved, unless it is the usual one. */
  readonly decisionPolicy?: PolicyDocument;
  readonly clock?: Clock;
  readonly log?: Logger;
  /** With which it leads others; none for an engine that is alone. */
  readonly lead?: Lead;
}

/** What an engine needs to be the leader of several replicas (docs/adr/0029). */
export interface Lead {
  readonly lease: PostgresLease;
  readonly trust: ReplicaTrust;
  readonly redisUrl: string;
  /** Frees the port, on which this replica followed until now. */
  freePort(): void;
}

/** A running engine. */
export interface Engine {
  /** Where it listens: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Admin token of this launch; it dies with the engine. */
  readonly launchToken: string;
  /** Reads the kubeconfigs of another folder from now on, instead of that of the settings; `undefined` of none. */
  readKubeconfigsIn(folder: string | undefined): void;
  /** Ends long work at a safe place, then everything else. What was interrupted goes on at the next start. */
  close(): Promise<void>;
}

/** Every migration of every room; the order of execution is that of the names. */
export const allMigrations = {
  ...auditMigrations,
  ...accessMigrations,
  ...jobMigrations,
  ...marketMigrations,
  ...modelMigrations,
  ...forecastMigrations,
  ...clusterMigrations,
  ...decisionMigrations,
  ...savingMigrations,
  ...syncMigrations,
};

/**
 * Wires the rooms by hand, in the order that data walks, and listens.
 * @throws AppError for a folder, database or port that cannot be used; nothing is left running then.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { settings, version, resourcesFolder, uiFolder, lead } = options;
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog(settings.logLevel);
  let { kubeconfigFolder } = settings;
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };

  try {
    const { otlpEndpoint: endpoint, traceShare: share } = settings;
    if (endpoint !== undefined) closing.push(await startTracing({ endpoint, share, version, log }));
    const metrics = new Metrics(version, log);
    const database = watchStorage(await openDatabase(settings, allMigrations, lead?.lease), {
      clock,
      log,
      onWrite: (seconds, outcome) => metrics.of.databaseWriteSeconds.observe({ outcome }, seconds),
    });
    closing.push(() => database.close());
    const audit = new AuditLog(database, clock);
    const access = new Access(new AccessStore(database), clock);
    const live = new LiveHub();
    const jobs = new JobQueue(database, clock, log);
    const base = { database, jobs, live, clock, log, audit };

    const market = await createMarket({
      ...base,
      catalog: {
        snapshotFile: join(resourcesFolder, 'catalog', 'snapshot.json'),
        folder: join(settings.data, 'catalog'),
        addresses: settings,
      },
      importsFolder: join(settings.data, 'imports'),
      ec2: { endpoint: settings.ec2Endpoint, profile: settings.awsProfile },
      needOfModel: modelId => models.need(modelId),
      scopesOfModels: async () => (await models.list()).map(({ manifest }) => manifest.scope),
      retentionDays: settings.priceRetentionDays,
    });
    const models = await createModels({
      ...base,
      folder: join(settings.data, 'models'),
      limits: { maxBytes: settings.modelMaxMib * MIB, quotaBytes: settings.modelQuotaMib * MIB },
      coveredShare: (scope, fromMs, toMs) => market.coverage.share(scope, fromMs, toMs),
      features: featureCatalog,
      nodePath: options.nodePath ?? process.execPath,
      ...(options.inferenceScript === undefined ? {} : { children: { script: options.inferenceScript } }),
    });
    const forecasting = await createForecasting({ ...base, market, models });
    const room = await createClusters({
      ...base,
      priceOfNode: machine => priceOfNode(market, machine),
    });
    const clusters = { ...room, agents: measureBatches(room.agents, metrics) };
    // Prices that came in change what nodes cost and what models can say.
    market.onFilled(() => {
      void clusters.refreshPrices();
      void models.refreshCoverage();
    });
    market.catalogKeeper.onChanged(() => void clusters.refreshPrices());
    const rightsizing = createRightsizing({ clusters, clock });
    const decisions = await createDecisions({
      ...base,
      rightsizing,
      market,
      forecasting,
      clusters,
      aws: {
        endpoint: settings.ec2Endpoint,
        autoScalingEndpoint: settings.autoScalingEndpoint,
        profile: settings.awsProfile,
      },
      ...(options.decisionPolicy ? { policy: options.decisionPolicy } : {}),
      plugIns: {
        folder: join(settings.data, 'engines'),
        nodePath: options.nodePath ?? process.execPath,
        ...(options.plugInScript === undefined ? {} : { script: options.plugInScript }),
      },
    });
    const spotNodes = reportSpotNodes({ clusters, forecasting, decisions, clock }, log);
    const binPacking = createBinPacking({
      clusters,
      market,
      settingsOf: async id => (await decisions.policies.inForce(id)).settings,
    });
    closing.push(() => binPacking.stop());
    const contextPlans = new ContextPlans({
      ...base,
      market,
      kubeconfigs: new Kubeconfigs(() => ({
        files: filesOfVariable(process.env.KUBECONFIG),
        home: homedir(),
        folder: kubeconfigFolder,
      })),
      refusal: kubeconfigRefusal(settings),
      priceOfNode: machine => priceOfNode(market, machine),
      settings: async () => (await decisions.policies.inForce(DEFAULT_POLICY_SCOPE)).settings,
      newId,
    });
    closing.push(() => contextPlans.close());
    const savings = await createSavings({
      ...base,
      clusters,
      decisions,
      capacityOf: instanceType => capacityOfType(market, instanceType),
    });
    const sync = await createSync({
      ...base,
      version,
      folder: join(settings.data, 'sync'),
      mostModelBytes: settings.modelMaxMib * MIB,
      models,
      policies: decisions.policies,
      clusterIds: () => clusters.summaries().map(({ id }) => id),
      decisions,
      savings,
      market,
      clusters,
    });

    const http = await createHttpServer({ ...settings, uiFolder, version, clock, log, trust: lead?.trust });
    closing.push(() => http.close());
    let cookieName = 'cloudoptim_session';
    let listening = '';
    const routes = createRoutes({
      app: http.app,
      access,
      audit,
      verifyAgent: secret => clusters.verifyAgent(secret),
      verifyGuest: key => sync.guests.verify(key),
      cookieName: () => cookieName,
    });
    addOperationRoutes(http.app, { database, access, metrics, version });
    serveAccess({
      app: http.app,
      routes,
      access,
      audit,
      database,
      clock,
      settings,
      cookieName: () => cookieName,
      url: () => listening,
    });
    addMarketRoutes(routes, market);
    addModelRoutes(routes, models);
    addForecastRoutes(routes, forecasting);
    addClusterRoutes(routes, clusters);
    addDecisionRoutes(routes, decisions, binPacking);
    addCapacityRoutes(routes, decisions);
    addContextPlanRoutes(routes, contextPlans);
    addEngineRoutes(routes, decisions, clusters);
    addPolicyRoutes(routes, decisions);
    addRightsizingRoutes(routes, rightsizing, decisions);
    addSavingRoutes(routes, savings);
    addSyncRoutes(routes, sync);

    let dashboards: Namespace | undefined;
    const addNamespaces = (sockets: SocketServer) => {
      dashboards = sockets.of('/live');
      serveLive({ namespace: dashboards, hub: live, access, cookieName: () => cookieName, log });
      serveAgents(sockets.of('/agent'), clusters);
    };
    const sockets = lead
      ? { close: await serveAsLeader({ ...lead, http, hub: live, access, log, addNamespaces }) }
      : serveSockets(http, addNamespaces);
    closing.push(() => sockets.close());
    const liveConnections = () => dashboards?.sockets.size ?? 0;
    reportMetrics({ ...base, metrics, market, clusters, decisions, savings, liveConnections });

    // Long work stops before what it works on closes; the list runs backwards.
    const rooms = [market, models, forecasting, clusters, decisions, spotNodes, savings, sync];
    closing.push(async () => {
      await jobs.stop();
      for (const room of rooms.toReversed()) await room.stop();
    });
    for (const room of rooms) await room.start();
    await jobs.start();
    // First of all when it ends.
    closing.push(() => http.drain());

    lead?.freePort();
    const { url, port } = await http.listen();
    listening = url;
    // Cookies do not keep ports apart, so the name does.
    cookieName = lead?.trust.cookieName ?? `cloudoptim_session_${port}`;
    await lead?.lease.announce(settings.replicaUrl ?? url);
    // Before it takes no more requests: the others wait for the next leader then.
    if (lead) closing.push(() => lead.lease.announce(null).catch(() => undefined));
    return {
      url,
      launchToken: access.launchToken,
      readKubeconfigsIn: folder => {
        kubeconfigFolder = folder;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
