using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Wire;
using Ringfence.Sources;
using Ringfence.SystemTests.Wire;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Tricks of TCP that a kernel undoes and a reader of the wire must undo too: the guesses reach a real Asterisk all the same, and their sender is banned.</summary>
public sealed class GuardEvasionTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardEvasionTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    public enum Trick
    {
        UrgentInCSeq,
        UrgentInAuthorization,
        AcknowledgesWhatWasNeverSent,
        AcknowledgesNothing,
        OldTimestamp,
        WrongChecksum,
        DroppedByTheFirewall,
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all"], Stop, "no-log");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData(Trick.UrgentInCSeq)]
    [InlineData(Trick.UrgentInAuthorization)]
    [InlineData(Trick.AcknowledgesWhatWasNeverSent)]
    [InlineData(Trick.AcknowledgesNothing)]
    [InlineData(Trick.OldTimestamp)]
    [InlineData(Trick.WrongChecksum)]
    [InlineData(Trick.DroppedByTheFirewall)]
    public async Task A_brute_force_by_a_trick_of_TCP_is_banned_and_nobody_else_is(Trick trick)
    {
        var source = AsteriskLab.Attacker(20 + (int)trick);
        if (trick == Trick.DroppedByTheFirewall)
        {
            await _lab.RunAsync("pbx", ["nft", "add table ip evade; add chain ip evade c { type filter hook input priority 0; }; add rule ip evade c ip dscp 10 drop"], TimeSpan.FromSeconds(10), Stop);
        }

        using var frames = RawFrames.Open(_lab.Namespace("att"), "pbx0", (await _lab.RunAsync("pbx", ["cat", "/sys/class/net/att0/address"], TimeSpan.FromSeconds(30), Stop)).Output);
        using var wire = Netns.RunIn(_lab.Namespace("att"), Listen);
        var attempts = await Guesses.UntilBannedAsync(number => GuessAsync(trick, source, frames, wire, number), () => _guard.HasBannedAsync(source, Stop), pause: null, Stop);

        Assert.True(attempts is >= 4 and < Guesses.Most, $"{attempts} guesses: {_guard.Said}");
        await Guesses.AssertBannedAsync(_guard, source, "proven", "wire all", Stop);
        Assert.Equal([Address.Parse(source)!.Value.Subject], await _guard.BansAsync(Stop));
    }

    private static PacketSocket Listen()
    {
        var wire = PacketSocket.Open(1 << 22);
        wire.Filter(KernelFilter.Build([5060], [], [], null));
        wire.Begin();
        return wire;
    }

    // One connection: what it asks, the challenge, and the guess by the trick.
    private async Task<bool> GuessAsync(Trick trick, string source, RawFrames frames, PacketSocket wire, int number)
    {
        using var socket = Netns.RunIn(_lab.Namespace("att"), () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            made.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            return made;
        });
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(SipClient.Silence);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(AsteriskLab.World), 5060), patience.Token);
            var request = new SipRequest("REGISTER", "1001") { CallId = SipRequest.Fresh() };
            var local = socket.LocalEndPoint!.ToString()!;
            await socket.SendAsync(request.ToBytes(AsteriskLab.World, local, SipTransport.Tcp), patience.Token);
            var challenge = await AnswerAsync(socket, patience.Token);
            request = request with
            {
                Sequence = 2,
                Branch = "z9hG4bK" + SipRequest.Fresh(),
                Authorization = Digest.Answer(challenge, "REGISTER", request.RequestUri(AsteriskLab.World), "1001", $"guess{number}"),
            };
            await SendAsync(trick, socket, frames, wire, request.ToBytes(AsteriskLab.World, local, SipTransport.Tcp), patience.Token);
            return (await AnswerAsync(socket, patience.Token)).Status == 401;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException && !Stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task SendAsync(Trick trick, Socket socket, RawFrames frames, PacketSocket wire, byte[] guess, CancellationToken stop)
    {
        if (trick is Trick.UrgentInCSeq or Trick.UrgentInAuthorization)
        {
            var at = Encoding.Latin1.GetString(guess).IndexOf(trick == Trick.UrgentInCSeq ? "CSeq: " : "nonce=\"", StringComparison.Ordinal) + 8;
            await socket.SendAsync(guess.AsMemory(0, at), stop);
            socket.Send("X"u8, SocketFlags.OutOfBand);
            await socket.SendAsync(guess.AsMemory(at), stop);
            return;
        }

        var (sequence, acknowledgment, timestamps) = Standing(wire, ((IPEndPoint)socket.LocalEndPoint!).Port);
        var decoy = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(guess).Replace("CSeq: 2", "CSeq: 9", StringComparison.Ordinal));
        frames.Send(TcpPacket.Of(
            (IPEndPoint)socket.LocalEndPoint!,
            (IPEndPoint)socket.RemoteEndPoint!,
            sequence,
            acknowledgment + (trick == Trick.AcknowledgesWhatWasNeverSent ? 1_000_000u : 0),
            trick == Trick.AcknowledgesNothing ? (byte)0 : (byte)24,
            TcpPacket.Timestamps(timestamps.Echo - (trick == Trick.OldTimestamp ? 10_000u : 0), timestamps.Value),
            decoy,
            service: trick == Trick.DroppedByTheFirewall ? (byte)40 : (byte)0,
            isDamaged: trick == Trick.WrongChecksum));
        await socket.SendAsync(guess, stop);
    }

    // What the PBX said last: where both ends stand.
    private static (uint Sequence, uint Acknowledgment, (uint Value, uint Echo) Timestamps) Standing(PacketSocket wire, int port)
    {
        (uint, uint, (uint, uint)) standing = default;
        for (var taken = wire.Receive(); taken > 0; taken = wire.Receive())
        {
            for (var i = 0; i < taken; i++)
            {
                var packet = IpPacket.Parse(wire.At(i).Bytes, LinkType.RawIp);
                if (packet.Protocol == IpPacket.Tcp && ((packet.Payload[2] << 8) | packet.Payload[3]) == port && TcpSegment.Parse(packet.Payload) is { IsValid: true, HasAcknowledgment: true } segment)
                {
                    standing = (segment.Acknowledgment, segment.End, segment.Timestamps ?? default);
                }
            }
        }

        return standing;
    }

    private static async Task<SipAnswer> AnswerAsync(Socket socket, CancellationToken stop)
    {
        var buffer = new byte[8_192];
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            length += read;
            if (read == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            if (Encoding.Latin1.GetString(buffer, 0, length) is var text && text.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                return SipAnswer.Parse(text);
            }
        }
    }
}
