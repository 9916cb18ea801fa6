export { createHistoryAwareRetriever } from 'langchain/chains/history_aware_retriever'
export { createRetrievalChain } from 'langchain/chains/retrieval'
export { createStuffDocumentsChain } from 'langchain/chains/combine_documents'
