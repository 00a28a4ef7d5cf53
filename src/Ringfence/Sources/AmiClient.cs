using System.Threading.Channels;
using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>Logs in to the manager interface and hands on its security events.</summary>
/// <remarks>It asks for the class "security" alone: see <see cref="AmiParser"/> for what rests on that.</remarks>
internal sealed class AmiClient(AmiSettings settings, ChannelWriter<SourceBatch> batches, TimeProvider clock)
{
    /// <summary>So long after the last ping comes the next: a connection that died without a word is known within this and <see cref="AmiConnection.Patience"/>.</summary>
    public static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);

    /// <summary>The source's name, for people and evidence: "ami 127.0.0.1:5038".</summary>
    public static string NameOf(AmiSettings settings) => $"ami {settings.Manager}";

    /// <exception cref="AmiException">Not there, refused, or lost.</exception>
    /// <exception cref="IOException">Lost.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var connection = await AmiConnection.OpenAsync(settings.Manager, clock, stop);
        try
        {
            await AmiLogin.DoAsync(connection, settings, "security", stop);
            await batches.WriteAsync(new AmiBatch { LocalPort = connection.LocalPort }, stop);
            await ReadAsync(connection, stop);
        }
        finally
        {
            // Full: the reader takes silence for what it is a minute later.
            batches.TryWrite(new AmiBatch { IsLoggedIn = false });
        }
    }

    private async Task ReadAsync(AmiConnection connection, CancellationToken stop)
    {
        var reader = connection.Reader;
        var askedAt = clock.GetTimestamp();
        using var timer = clock.CreateTimer(pending => ((System.IO.Pipelines.PipeReader)pending!).CancelPendingRead(), reader, AmiConnection.Patience / 2, AmiConnection.Patience / 2);
        string? asked = null;
        var skipped = 0L;
        while (true)
        {
            var read = await reader.ReadAsync(stop);
            var bytes = AmiConnection.Whole(read.Buffer);
            var taken = 0;
            var isFull = false;
            var batch = new AmiBatch { Skipped = skipped };
            var hasNews = skipped > 0;
            skipped = 0;
            try
            {
                while (AmiFrame.LengthOf(bytes.Span[taken..]) is > 0 and var length)
                {
                    var message = bytes.Span.Slice(taken, length);
                    if (asked is not null && AmiAnswer.IsTo(message[..^AmiFrame.End.Length], asked))
                    {
                        asked = null;
                        hasNews = true;
                    }
                    else if (!batch.Take(message))
                    {
                        isFull = true;
                        break;
                    }
                    else
                    {
                        hasNews = true;
                    }

                    taken += length;
                }

                if (hasNews)
                {
                    await batches.WriteAsync(batch, stop);
                    batch = null;
                }
            }
            finally
            {
                batch?.Dispose();
            }

            if (taken == 0 && bytes.Length > AmiFrame.Longest)
            {
                // No message is so long. All of it goes, and the parser believes nothing near behind it.
                skipped = bytes.Length;
                taken = bytes.Length;
            }

            reader.AdvanceTo(read.Buffer.GetPosition(taken), isFull ? read.Buffer.GetPosition(taken) : read.Buffer.End);
            if (read.IsCompleted && taken == 0)
            {
                throw connection.Closed();
            }

            var waited = clock.GetElapsedTime(askedAt);
            if (asked is null && waited >= PingEvery)
            {
                askedAt = clock.GetTimestamp();
                asked = await connection.SendAsync("Ping", [], stop);
            }
            else if (asked is not null && waited >= AmiConnection.Patience)
            {
                throw new AmiException($"AMI {settings.Manager}: no answer to a ping in {AmiConnection.Patience.TotalSeconds:0} s; connecting again");
            }
        }
    }
}
