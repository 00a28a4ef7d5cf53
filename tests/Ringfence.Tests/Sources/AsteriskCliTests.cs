using System.Net.Sockets;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class AsteriskCliTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-cli-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_asterisk_that_hangs_with_a_full_backlog_keeps_nobody_waiting()
    {
        var path = Path.Combine(_directory, "asterisk.ctl");
        using var hung = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hung.Bind(new UnixDomainSocketEndPoint(path));
        hung.Listen(1);
        List<Socket> waiting = [];
        try
        {
            for (var isFull = false; !isFull;)
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                waiting.Add(client);
                try
                {
                    client.Connect(new UnixDomainSocketEndPoint(path));
                }
                catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
                {
                    isFull = true;
                }
            }

            var asked = Task.Factory.StartNew(() => AsteriskCli.Refuses(path), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

            Assert.Null(await asked.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        }
        finally
        {
            waiting.ForEach(client => client.Dispose());
        }
    }
}
