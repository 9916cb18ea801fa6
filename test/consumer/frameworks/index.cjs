const { FakeListChatModel } = require('@langchain/core/utils/testing')
const { init } = require('@trulayer/core')
const { lastTrace, spanTree } = require('@trulayer/core/testing')
const { TruLayerCallbackHandler } = require('@trulayer/langchain')

async function main() {
  init({ mode: 'local' })
  const chat = new FakeListChatModel({ responses: ['18 degrees'] })
  await chat.invoke('What is the weather?', { callbacks: [new TruLayerCallbackHandler()] })
  console.log(spanTree(await lastTrace()))
}

void main()
