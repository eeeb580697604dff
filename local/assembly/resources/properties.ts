import { z } from 'zod';
import type { Created, ResolvedResource } from '../create-resources.ts';
import { AssemblyError } from '../template.ts';

/** Properties that local mode pays no heed to, named so that no others are passed over. */
export const unheeded = z.unknown().optional();

/**
 * A creator of resources with these properties.
 * @throws AssemblyError (what it returns does) that names the first property which is unknown or wrong
 */
export function creator<Shape extends z.ZodRawShape>(
  shape: Shape,
  create: (properties: z.infer<z.ZodObject<Shape>>, resource: ResolvedResource) => Created | Promise<Created>,
) {
  const schema = z.strictObject(shape);
  return (resource: ResolvedResource): Created | Promise<Created> => {
    const parsed = schema.safeParse(resource.properties);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is wrong' };
      const { stack, id, type } = resource;
      throw new AssemblyError(`${stack}/${id} (${type}): ${path.join('.') || 'properties'}: ${message}`);
    }
    return create(parsed.data as z.infer<z.ZodObject<Shape>>, resource);
  };
}
