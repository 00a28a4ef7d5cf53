using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>One connection to the manager interface: sends actions, reads messages.</summary>
/// <remarks>
/// docs.asterisk.org, "AMI v2 Specification". An action has a random ActionID, so that no event can pass for its answer: whoever could write one into
/// an event's value does not know it.
/// </remarks>
internal sealed class AmiConnection : IDisposable
{
    /// <summary>How long Asterisk may take for an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly IPEndPoint _address;
    private readonly TimeProvider _clock;

    private AmiConnection(Socket socket, IPEndPoint address, TimeProvider clock)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _address = address;
        _clock = clock;
        Reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
    }

    public PipeReader Reader { get; }

    /// <summary>This side's port: by it the guard's own login is known among others.</summary>
    public int LocalPort => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <exception cref="AmiException">Nobody listens there, or no Asterisk.</exception>
    public static async Task<AmiConnection> OpenAsync(IPEndPoint address, TimeProvider clock, CancellationToken stop)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var isOpen = false;
        try
        {
            await socket.ConnectAsync(address, stop).AsTask().WaitAsync(Patience, clock, stop);
            var connection = new AmiConnection(socket, address, clock);
            await connection.ReadBannerAsync(stop);
            isOpen = true;
            return connection;
        }
        catch (SocketException refused)
        {
            throw Unreachable(address, refused.Message);
        }
        catch (TimeoutException)
        {
            throw Unreachable(address, "no answer");
        }
        finally
        {
            if (!isOpen)
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>Writes an action.</summary>
    /// <returns>Its ActionID.</returns>
    /// <exception cref="ArgumentException">A header holds a line end: Asterisk would read another one behind it.</exception>
    public async Task<string> SendAsync(string action, IEnumerable<(string Name, string Value)> headers, CancellationToken stop)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var text = new StringBuilder($"Action: {action}\r\nActionID: {id}\r\n");
        foreach (var (name, value) in headers)
        {
            if (value.AsSpan().IndexOfAny('\r', '\n') >= 0)
            {
                throw new ArgumentException($"{action}: {name} holds a line end", nameof(headers));
            }

            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        text.Append("\r\n");
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), stop).AsTask().WaitAsync(Patience, _clock, stop);
        }
        catch (TimeoutException)
        {
            throw new AmiException($"AMI {_address}: takes nothing any more; connecting again");
        }

        return id;
    }

    /// <summary>Sends an action and reads until its answer; events that come before it are dropped.</summary>
    /// <returns>The answer, without its empty line.</returns>
    /// <exception cref="AmiException">No answer in time, or the connection was closed.</exception>
    public async Task<byte[]> AskAsync(string action, IEnumerable<(string Name, string Value)> headers, CancellationToken stop)
    {
        var id = await SendAsync(action, headers, stop);

        // Its own timer, which may come due after the answer: Cancel, called by a timer of ours on a source that is disposed, would throw where nobody catches.
        using var late = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            while (true)
            {
                var read = await Reader.ReadAsync(either.Token);
                var bytes = Whole(read.Buffer);
                var length = AmiFrame.LengthOf(bytes.Span);
                if (length > 0)
                {
                    var message = bytes[..(length - AmiFrame.End.Length)];
                    var isAnswer = AmiAnswer.IsTo(message.Span, id);
                    Reader.AdvanceTo(read.Buffer.GetPosition(length));
                    if (isAnswer)
                    {
                        return message.ToArray();
                    }

                    continue;
                }

                Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted)
                {
                    throw Closed();
                }

                if (bytes.Length > AmiFrame.Longest)
                {
                    throw NoAmi();
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new AmiException($"AMI {_address}: no answer to {action} in {Patience.TotalSeconds:0} s");
        }
    }

    private static AmiException Unreachable(IPEndPoint address, string problem) =>
        new($"AMI {address}: {problem}; is Asterisk running, is enabled = yes in [general] of manager.conf, and are bindaddr and port there those of manager in [ami]?");

    public AmiException Closed() => new($"AMI {_address}: Asterisk has closed the connection");

    public AmiProtocolException NoAmi() => new($"AMI {_address}: what answers there is not Asterisk's manager interface; check manager in [ami]");

    /// <summary>The bytes in one piece: the reader's own where they are.</summary>
    public static ReadOnlyMemory<byte> Whole(in ReadOnlySequence<byte> bytes) => bytes.IsSingleSegment ? bytes.First : bytes.ToArray();

    public void Dispose()
    {
        Reader.Complete();
        _stream.Dispose();
    }

    private async Task ReadBannerAsync(CancellationToken stop)
    {
        const int LongestBanner = 128;
        using var late = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            while (true)
            {
                var read = await Reader.ReadAsync(either.Token);
                var bytes = Whole(read.Buffer);
                var end = bytes.Span.IndexOf("\r\n"u8);
                if (end >= 0 && bytes.Span.StartsWith("Asterisk Call Manager/"u8))
                {
                    Reader.AdvanceTo(read.Buffer.GetPosition(end + 2));
                    return;
                }

                Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted || end >= 0 || bytes.Length > LongestBanner)
                {
                    // authlimit: Asterisk takes the connection and closes it.
                    throw bytes.IsEmpty ? Closed() : NoAmi();
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw NoAmi();
        }
    }
}
