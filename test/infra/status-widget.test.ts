import { describe, expect, test } from 'vitest';
import type { StatusWidgetKind } from '../../infra/constructs/status-widget.ts';
import { resourceOf, resourcesOf, synthesise, type Template } from '../support/synthesised.ts';

const of = (statusWidget: StatusWidgetKind | '') => synthesise({ context: { statusWidget } }).refresh;
const byDefault = of('');
const withButtons = of('with-buttons');
const readOnly = of('read-only');
const none = of('none');
const functionsOf = (template: Template) =>
  Object.values(resourcesOf(template, 'AWS::Lambda::Function')).map(
    ({ Properties }) => Properties['FunctionName'],
  );
/** The dashboard's body as text, each reference in its place as the logical id that it is of. */
function bodyOf(template: Template): string {
  const body = resourceOf(template, 'AWS::CloudWatch::Dashboard').Properties['DashboardBody'] as {
    readonly 'Fn::Join': readonly [string, readonly unknown[]];
  };
  return body['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : idOf(part))).join('');
}
function idOf(reference: unknown): string {
  const { Ref: ref, 'Fn::GetAtt': attribute } = reference as {
    Ref?: string;
    'Fn::GetAtt'?: readonly string[];
  };
  return ref ?? attribute?.[0] ?? '';
}

describe('the status widget', () => {
  test('is in the dashboard unless nobody wants it, below the alarms, as wide as it is', () => {
    const { widgets } = JSON.parse(bodyOf(byDefault));
    expect(widgets[1]).toMatchObject({
      type: 'custom',
      width: 24,
      properties: {
        endpoint: expect.stringMatching(/^RefresherStatusWidgetFunction/),
        // Whoever looks invokes the function: not by dragging the mouse.
        updateOn: { refresh: true, resize: false, timeRange: false },
      },
    });
  });

  test('has buttons only where the function that does what they ask for is deployed', () => {
    const buttons = (template: Template) =>
      (
        resourceOf(template, 'AWS::Lambda::Function', 'RefresherStatusWidget').Properties['Environment'] as {
          readonly Variables: Readonly<Record<string, unknown>>;
        }
      ).Variables['EVERTOKEN_STATUS_BUTTONS'];
    expect(functionsOf(withButtons)).toContain('evertoken-status-action');
    expect(buttons(withButtons)).toBe('true');
    expect(functionsOf(readOnly)).not.toContain('evertoken-status-action');
    expect(buttons(readOnly)).toBeUndefined();
  });

  test('is nowhere where nobody wants it', () => {
    // What a deployment says of itself names it, to say that there is none.
    const others = Object.values(none.Resources).filter(({ Type }) => Type !== 'AWS::SSM::Parameter');
    expect(JSON.stringify(others)).not.toMatch(/[Ss]tatus-?[Ww]idget|[Ss]tatus-?[Aa]ction|"custom"/);
    expect(functionsOf(none)).toHaveLength(3);
  });

  test('is invoked by nobody but whoever was granted it: no service, no other account', () => {
    const permissions = Object.values(resourcesOf(byDefault, 'AWS::Lambda::Permission'));
    const targets = permissions.map(({ Properties }) => idOf(Properties['FunctionName']));
    expect(targets.filter((target) => /Status/.test(target))).toEqual([]);
    expect(Object.keys(resourcesOf(byDefault, 'AWS::Lambda::Url'))).toEqual([]);
  });

  test('of another kind is refused, with those that there are', () => {
    expect(() => of('writable' as StatusWidgetKind)).toThrow(
      'context "statusWidget": expected one of "with-buttons", "read-only", "none", found "writable"',
    );
  });
});
