import { open, refuse } from '../state/source';
import { Downloads } from './downloads';
import { ExposurePanel } from './exposure';
import { MapPanel } from './map';
import { Options } from './options';
import { Source } from './source';
import { Status } from './status';
import { Table } from './table';

/** The first of the dropped files is read. */
function drop(event: DragEvent): void {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) void open(file, file.name);
  else refuse('Drop a file: folders and links cannot be read here.');
}

/** The page. */
export function App() {
  return (
    <div class="page" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <header class="top">
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" />
          clusterclip
        </h1>
        <p>
          Group documents by topic, decide how often each topic is read, take the training order with you.
          Everything happens in this browser: nothing is sent anywhere.
        </p>
      </header>
      <main>
        <form class="side" onSubmit={(event) => event.preventDefault()} aria-label="Documents and options">
          <Source />
          <Options />
          <Status />
          <Downloads />
        </form>
        <div class="results">
          <MapPanel />
          <ExposurePanel />
          <Table />
        </div>
      </main>
      <footer>
        <p>
          Clusters and order are the same bytes as those of the command line <code>clusterclip</code>, on
          every CPU and every GPU. Method: ClusterClip Sampling, arXiv 2402.14526.
        </p>
      </footer>
    </div>
  );
}
