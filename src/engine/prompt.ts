import { UnsupportedError } from '../core/errors.ts';
import type { Prompt } from '../core/task.ts';

/**
 * The text that a text engine reads for a prompt: a string as it is; messages as one line each, `role: text`, and then
 * `assistant: `, which the completion continues. Throws UnsupportedError on a picture or features.
 */
export function renderPrompt(prompt: Prompt, engine: string): string {
  if (typeof prompt === 'string') return prompt;
  const lines = prompt.map(({ role, content }) => {
    if (typeof content === 'string') return `${role}: ${content}\n`;
    const texts = content.map((part) => {
      if (part.type === 'text') return part.text;
      throw new UnsupportedError(
        `engine '${engine}' reads text only, and the prompt has a part '${part.type}'`,
      );
    });
    return `${role}: ${texts.join('')}\n`;
  });
  return `${lines.join('')}assistant: `;
}
