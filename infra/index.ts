/** Constructs for CDK apps of one's own. */
export { Connection, type ConnectionProps } from './constructs/connection.ts';
export type {
  ClientAuthentication,
  ConnectionOptions,
  ExistingSecret,
  Provider,
} from './constructs/connection-options.ts';
export { Connections, type ConnectionsProps } from './constructs/connections.ts';
export type { MetricName } from './constructs/deployment-metrics.ts';
export type { FunctionSettings } from './constructs/function-environment.ts';
export { MeasuredDeployment } from './constructs/measured-deployment.ts';
export { ObservableDeployment, type OnConnectionEventOptions } from './constructs/observable-deployment.ts';
export type { ProviderRules } from './constructs/provider-rules.ts';
export { type JsonWebKeySet, PublicKeySet, type PublicKeySetProps } from './constructs/public-key-set.ts';
export type { ConnectionAttributes, IConnection } from './constructs/readable-connection.ts';
export type { FunctionNetwork } from './constructs/refresher-function.ts';
export type { StatusWidgetKind } from './constructs/status-widget.ts';
export { TokenRefresher, type TokenRefresherProps } from './constructs/token-refresher.ts';
export { type Encryption, TokenStorage, type TokenStorageProps } from './constructs/token-storage.ts';
export { presets } from './presets.ts';
export { runEvertokenApp } from './run-app.ts';
export { SynthProblem } from './synth-problem.ts';
