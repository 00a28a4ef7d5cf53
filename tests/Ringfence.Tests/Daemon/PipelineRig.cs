using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Output;
using Ringfence.Sources;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>A pipeline between a channel of bytes and a journal and a firewall that only write down; its clock stands at the attempts' beginning.</summary>
internal sealed class PipelineRig : IDisposable
{
    public const string Log = "/var/log/asterisk/security";

    private readonly Channel<SourceBatch> _batches = SourceBatch.NewChannel();
    private readonly LogIdentity _file = new(1, 2, 0);
    private long _offset;

    public PipelineRig(RingfenceConfig? config = null, bool canThrottle = true)
    {
        Recorded.CanThrottle = canThrottle;
        Time.Advance(Attempts.Time(0) - Time.GetUtcNow());
        Pipeline = new Pipeline(
            config ?? RingfenceConfig.Default,
            TimeZoneInfo.Utc,
            managerOverHttp: false,
            ledgerKey: 0,
            _batches.Reader,
            Recorded,
            Recorded,
            new Announcer(new Screen(new Commands.Console().Surroundings(TextWriter.Null, TextWriter.Null))),
            Time,
            NullLogger<Pipeline>.Instance);
    }

    public ManualTime Time { get; } = new();

    public Recorded Recorded { get; } = new();

    public Pipeline Pipeline { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Network Subject(string text) => Network.Parse(text)!.Value;

    /// <summary>Runs the pipeline over these lines, to the end of the channel: once.</summary>
    public async Task ReadAsync(string lines)
    {
        await WriteAsync(lines);
        _batches.Writer.Complete();
        await Pipeline.RunAsync(Stop);
    }

    public async Task WriteAsync(string lines)
    {
        var bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(lines));
        var length = Encoding.UTF8.GetBytes(lines, bytes);
        await _batches.Writer.WriteAsync(new RawBatch(Log, _file, _offset, bytes, length) { StartsFile = _offset == 0 }, Stop);
        _offset += length;
    }

    /// <summary>Packets come in, as the wire shows them.</summary>
    public async Task WriteAsync(params byte[][] packets) => await _batches.Writer.WriteAsync(Wire(Time.GetUtcNow(), packets), Stop);

    public static WireBatch Wire(DateTimeOffset time, params byte[][] packets)
    {
        var batch = new WireBatch("wire");
        foreach (var packet in packets)
        {
            batch.TryAdd(new ReceivedPacket(packet, isOutgoing: false, isVouched: false, time.UtcTicks));
        }

        return batch;
    }

    /// <summary>The PBX, 10.80.0.1, tells over HEP what 203.0.113.9 sent to it, or it to him.</summary>
    public async Task WriteHepAsync(byte[] message, bool isOfPbx = false)
    {
        byte[] stranger = [203, 0, 113, 9];
        byte[] pbx = [10, 80, 0, 1];
        static byte[] Chunk(byte type, byte[] value) => [0, 0, 0, type, (byte)((value.Length + 6) >> 8), (byte)(value.Length + 6), .. value];
        byte[] chunks =
        [
            .. Chunk(1, [2]), .. Chunk(2, [17]), .. Chunk(3, isOfPbx ? pbx : stranger), .. Chunk(4, isOfPbx ? stranger : pbx), .. Chunk(7, [0x9c, 0x40]), .. Chunk(8, [0x13, 0xc4]), .. Chunk(11, [1]), .. Chunk(15, message),
        ];
        byte[] datagram = [.. "HEP3"u8, (byte)((chunks.Length + 6) >> 8), (byte)(chunks.Length + 6), .. chunks];
        var batch = new HepBatch("hep");
        datagram.CopyTo(batch.Free);
        batch.Take(datagram.Length);
        await _batches.Writer.WriteAsync(batch, Stop);
    }

    public void Dispose() => Pipeline.Dispose();
}
