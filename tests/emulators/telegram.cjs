// A foreign emulation of the Bot API on the port given as argument; says "up" when it listens.
const TelegramServer = require('telegram-test-api');

const Server = TelegramServer.default || TelegramServer;
const server = new Server({ port: Number(process.argv[2]), host: '127.0.0.1' });
server.start().then(
  () => console.log('up'),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
