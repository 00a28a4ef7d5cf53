using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Reads what is said in a stream: SIP, SIP in WebSocket, HTTP of the PBX's server; of TLS only who speaks it.</summary>
/// <remarks>Hot path over spans.</remarks>
/// <param name="streams">Where the other direction of a connection is found.</param>
internal sealed class StreamDecoder(WireMessages messages, WirePorts ports, TcpStreams streams)
{
    private byte[]? _room;

    /// <summary>Messages since start that were too long, or broken off.</summary>
    public long Lost { get; private set; }

    /// <summary>What can be seen of TLS.</summary>
    public TlsPeers Tls { get; } = new();

    /// <returns>Whether it is what is sent to the PBX's HTTP server.</returns>
    public bool IsToWeb(Flow flow) => ports.IsWeb(flow.To.Port) && messages.IsOwn(flow.To.Address);

    /// <param name="reading">Of the stream's.</param>
    /// <param name="rest">All that is not taken yet.</param>
    public void Read<TSink>(TcpStream stream, TcpReading reading, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isToWeb = IsToWeb(stream.Flow);
        var isFromWeb = IsToWeb(stream.Flow.Reversed);
        if (reading.Frames is null && (isToWeb || isFromWeb) && !reading.IsWhole && WebSocketFrames.Begins(rest))
        {
            // Phones in browsers stay connected for days.
            reading.Frames = new WebSocketFrames(isAligned: true);
        }

        if (reading.Frames is not null)
        {
            ReadFrames(stream, rest, timeTicks, ref sink);
            return;
        }

        if (reading.IsOpaque || TlsPeers.IsTls(rest))
        {
            reading.IsOpaque = true;
            Tls.See(rest, ports.IsSip(stream.Flow.To.Port) ? stream.Flow.From.Address : stream.Flow.To.Address);
            reading.Keep(default);
            return;
        }

        if (isToWeb)
        {
            reading.Requests ??= new HttpRequests();
            reading.Keep(reading.Requests.Read(rest));
            return;
        }

        if (isFromWeb)
        {
            ReadAnswers(stream, rest, timeTicks, ref sink);
            return;
        }

        var all = rest;
        var invalid = reading.Framing.Invalid;
        while (reading.Framing.Take(ref rest) is { IsEmpty: false } message)
        {
            if (!reading.IsWhole && !SipMessage.Parse(message).IsValid)
            {
                // The body of a message whose head was not seen may begin like a message (RFC 3420).
                messages.Invalid++;
                continue;
            }

            messages.See(message, stream.Flow.From, stream.Flow.To, Transport.Tcp, timeTicks, ref sink);
        }

        if (reading.Framing.Invalid > invalid)
        {
            messages.Invalid += reading.Framing.Invalid - invalid;

            // The middle of a stream that was not seen from its beginning is cut, and is nobody's fault.
            if (reading.IsWhole && ports.IsSip(stream.Flow.To.Port) && !messages.IsOwn(stream.Flow.From.Address))
            {
                messages.SeeMalformed(all, stream.Flow.From, Transport.Tcp, timeTicks, ref sink);
            }
        }

        Lost += reading.Keep(rest) ? 0 : 1;
    }

    private void ReadAnswers<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        while (stream.Reading.Answers.Take(ref rest) is { Status: > 0 } answer)
        {
            var asking = streams.Find(stream.Flow.Reversed);
            if (answer.Status == 101 && asking?.Reading.Requests is null or { Upgrade.IsAsked: true })
            {
                GoOnInFrames(stream, asking, answer, timeTicks, ref sink);
                ReadFrames(stream, rest, timeTicks, ref sink);
                return;
            }

            if (asking is not { Reading.Requests: { } requests } || messages.IsOwn(stream.Flow.To.Address))
            {
                continue;
            }

            if (stream.Reading.Answers.TakeGap())
            {
                requests.Forget();
            }

            var seen = HttpLogins.Judge(answer, requests, asking.Flow, timeTicks, messages.Frame);
            if (seen.Kind != EventKind.None)
            {
                sink.See(seen);
            }
        }

        stream.Reading.Keep(rest);
    }

    private void GoOnInFrames<TSink>(TcpStream stream, TcpStream? asking, scoped in HttpAnswer answer, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var isSip = UpgradeRequest.IsToSip(answer.Head);
        stream.Reading.Frames = new WebSocketFrames(isAligned: true) { IsSip = isSip };
        if (asking?.Reading.Requests is not { } requests)
        {
            return;
        }

        // What he sent without waiting for the answer, the PBX reads all the same.
        var (early, isAligned) = requests.Upgrade.Take(asking.Reading.Kept);
        if (requests.Upgrade.IsOdd && !messages.IsOwn(asking.Flow.From.Address))
        {
            messages.SeeMalformed(early, asking.Flow.From, Transport.Ws, timeTicks, ref sink);
        }

        asking.Reading.Frames = new WebSocketFrames(isAligned) { IsSip = isSip };
        asking.Reading.Requests = null;
        asking.Reading.Keep(default);
        ReadFrames(asking, early, timeTicks, ref sink);
        streams.Account(asking);
    }

    // Several messages in one of WebSocket are read as in a stream, and the rest is not (pjproject, pjsip_tpmgr_receive_packet).
    private void ReadFrames<TSink>(TcpStream stream, ReadOnlySpan<byte> rest, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var frames = stream.Reading.Frames!;
        var lost = frames.Lost;
        while (frames.Take(ref rest, _room ??= new byte[WebSocketFrames.RoomBytes]) is { IsEmpty: false } whole)
        {
            var framing = default(SipFraming);
            var left = whole;
            var taken = 0;
            for (; framing.Take(ref left) is { IsEmpty: false } message; taken++)
            {
                SeeFramed(message, stream, timeTicks, ref sink);
            }

            if (taken == 0)
            {
                // RFC 7118 section 5.3: the length of its body need not be in it.
                SeeFramed(whole, stream, timeTicks, ref sink);
            }
        }

        Lost += frames.Lost - lost;
        Lost += stream.Reading.Keep(rest) ? 0 : 1;
    }

    private void SeeFramed<TSink>(ReadOnlySpan<byte> message, TcpStream stream, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        // Where the PBX did not say what is spoken there it may be the events of the ARI.
        if (stream.Reading.Frames is { IsSip: true } || SipMessage.Parse(message).IsValid)
        {
            messages.See(message, stream.Flow.From, stream.Flow.To, Transport.Ws, timeTicks, ref sink);
        }
    }
}
