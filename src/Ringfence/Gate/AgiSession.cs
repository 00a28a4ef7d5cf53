using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Gate;

namespace Ringfence.Gate;

/// <summary>One connection of Asterisk's AGI(agi://...): the request, then commands and their answers, one at a time. Nothing here waits but what is async.</summary>
/// <param name="socket">It does not block; ends with the session.</param>
internal sealed class AgiSession(Socket socket) : IDisposable
{
    // A request has 700 bytes, an answer 13.
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(2048);
    private int _length;

    private ReadOnlySpan<byte> Received => _bytes.AsSpan(0, _length);

    /// <summary>Takes what has come.</summary>
    /// <returns>false: nothing has.</returns>
    /// <exception cref="AgiException">The other side has ended.</exception>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public bool Receive()
    {
        var room = Room();
        var read = socket.Receive(room.Span, SocketFlags.None, out var error);
        switch (error)
        {
            case SocketError.WouldBlock:
                return false;

            case SocketError.Success:
                Took(read);
                return true;

            default:
                throw new SocketException((int)error);
        }
    }

    /// <summary>The request that <see cref="Receive"/> has taken; null: it is not all there yet.</summary>
    /// <exception cref="AgiException">What came is none.</exception>
    public AgiRequest? Request()
    {
        switch (AgiRequest.Read(Received))
        {
            case AgiReading.Whole whole:
                // Before it is told something Asterisk says no more.
                _length = 0;
                return whole.Request;

            case AgiReading.Wrong wrong:
                throw new AgiException(wrong.Why);

            default:
                return null;
        }
    }

    /// <exception cref="AgiException">It is not taken: nobody reads there.</exception>
    public void Send(string command)
    {
        // Far less than a socket holds for who has read all that was before.
        var line = Encoding.ASCII.GetBytes(command + "\n");
        if (socket.Send(line, SocketFlags.None, out var error) != line.Length || error != SocketError.Success)
        {
            throw new AgiException("Asterisk does not read");
        }
    }

    /// <summary>Asterisk's answer to the last command; null: it is not all there yet.</summary>
    /// <exception cref="AgiException">Asterisk did not do it, or the caller has gone.</exception>
    public AgiReply? Reply(string command)
    {
        var end = Received.IndexOf((byte)'\n');
        if (end < 0)
        {
            return _length > AgiReply.MostBytes ? throw new AgiException($"an answer of more than {AgiReply.MostBytes} bytes") : null;
        }

        var reply = AgiReply.Parse(Encoding.Latin1.GetString(Received[..end])) ?? throw new AgiException("an answer was expected, such as 200 result=1");
        Received[(end + 1)..].CopyTo(_bytes);
        _length -= end + 1;

        // Of a command that is not known the text never comes here: it may hold a PIN's prompt, never a PIN.
        return reply.IsDone ? reply : throw new AgiException(reply == AgiReply.Hangup ? "the caller has gone" : $"Asterisk answered {reply.Code} to {command.Split(' ')[0]}");
    }

    /// <exception cref="AgiException">Asterisk did not do it, or the caller has gone.</exception>
    public async Task<AgiReply> DoAsync(string command, CancellationToken stop)
    {
        Send(command);
        while (true)
        {
            if (Reply(command) is { } reply)
            {
                return reply;
            }

            await ReceiveAsync(stop);
        }
    }

    /// <summary>Waits for what comes next, and takes it.</summary>
    /// <exception cref="AgiException">The other side has ended.</exception>
    public async Task ReceiveAsync(CancellationToken stop) => Took(await socket.ReceiveAsync(Room(), SocketFlags.None, stop));

    public void Dispose()
    {
        socket.Dispose();
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    // What is longer than a request or an answer is refused before there is much of it.
    private Memory<byte> Room()
    {
        if (_length == _bytes.Length)
        {
            var more = ArrayPool<byte>.Shared.Rent(2 * _length);
            Received.CopyTo(more);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = more;
        }

        return _bytes.AsMemory(_length);
    }

    private void Took(int read) => _length += read > 0 ? read : throw new AgiException("Asterisk closed the connection");
}

/// <summary>Who asks does not speak AGI as our dialplan makes Asterisk speak it, or has gone.</summary>
internal sealed class AgiException(string message) : Exception(message);
