import { Stack } from 'aws-cdk-lib';
import { type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { MeasuredDeployment } from './measured-deployment.ts';

/** What an event rule listens for. */
export interface OnConnectionEventOptions extends OnEventOptions {
  /**
   * Names of the connections that are meant.
   * @default - all of the deployment
   */
  readonly connectionNames?: readonly string[];
}

/** What of a deployment can be measured and listened to. */
export abstract class ObservableDeployment extends MeasuredDeployment {
  /** A token was refreshed. Not told where `tokenRefreshedEvents` is false. */
  onTokenRefreshed(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Token Refreshed', options);
  }

  /** A refresh failed. Most are tried again by themselves: `onConnectionNeedsAttention` tells of the others. */
  onRefreshFailed(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Refresh Failed', options);
  }

  /** A connection needs a person: when that begins, after an hour, and daily. Its detail has `need`. */
  onConnectionNeedsAttention(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Connection Needs Attention', options);
  }

  /** A connection needs nobody any more. */
  onConnectionRecovered(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Connection Recovered', options);
  }

  /** A refresh token ends in less than 14 days, and refreshing does not move that. */
  onRefreshTokenExpiring(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Refresh Token Expiring', options);
  }

  /** Another refresh token was stored while one was being spent. */
  onRefreshTokenDisplaced(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Refresh Token Displaced', options);
  }

  /** A token moved from its secret to a parameter, or back. */
  onTokenMoved(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Token Moved', options);
  }

  /** Credentials went to an origin for the first time. */
  onCredentialsSentToNewOrigin(id: string, options?: OnConnectionEventOptions): Rule {
    return this.#on(id, 'Credentials Sent To New Origin', options);
  }

  #on(
    id: string,
    detailType: string,
    { connectionNames, target, ...options }: OnConnectionEventOptions = {},
  ): Rule {
    const { crossStackScope = this, description, ruleName, eventPattern } = options;
    const rule = new Rule(crossStackScope, id, {
      ...(description !== undefined && { description }),
      ...(ruleName !== undefined && { ruleName }),
    });
    // What is given narrows it further: both must fit.
    rule.addEventPattern({
      account: [Stack.of(this).account],
      source: ['evertoken'],
      detailType: [detailType],
      detail: {
        namespace: [this.namespace],
        ...(connectionNames && { connection: [...connectionNames] }),
      },
    });
    if (eventPattern) rule.addEventPattern(eventPattern);
    rule.addTarget(target);
    return rule;
  }
}
