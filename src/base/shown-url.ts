/** A text with addresses as it may be shown: passwords in them as `***`, which is how Go shows them. */
export function shownUrl(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@"]*):[^\s/?#"]*@/gi, '$1:***@');
}
