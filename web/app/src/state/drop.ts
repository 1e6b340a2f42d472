import { signal } from '@preact/signals';
import { formatOf, isOfModel } from 'clusterclip';
import { embedder, tableFiles } from './options';
import { open, refuse } from './source';

/** Whether a file is held over the page. */
export const isOver = signal(false);

/**
 * Takes files that are dropped anywhere on the page: those of a static table are chosen together; of others
 * the first is read.
 */
export function watchDrops(): void {
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    isOver.value = true;
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    // From one part of the page to another is no leaving.
    if (relatedTarget === null) isOver.value = false;
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    isOver.value = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.some(({ name }) => isOfModel(name))) {
      // What ends in .json beside a table is of its folder.
      const isOfTable = (name: string) => isOfModel(name) || name.endsWith('.json');
      const documents = files.find(({ name }) => !isOfTable(name) && formatOf(name));
      tableFiles.value = files.filter((file) => file !== documents);
      // Other documents begin with the usual embedder.
      const opened = documents ? open(documents, documents.name) : Promise.resolve();
      void opened.then(() => {
        embedder.value = 'table';
      });
    } else if (files[0]) void open(files[0], files[0].name);
    else refuse('Drop a file: folders and links cannot be read here.');
  });
}
