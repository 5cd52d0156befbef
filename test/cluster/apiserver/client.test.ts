import { kubeClientContract } from '../../contract/kube-client.ts';
import { testServer } from './support.ts';

kubeClientContract('the in-process client', async () => {
  const { client } = await testServer();
  return { client, close: () => Promise.resolve() };
});
