using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Gate;

namespace Ringfence.Gate;

/// <summary>One connection of Asterisk's AGI(agi://...): the request, then commands and their answers, one at a time.</summary>
internal sealed class AgiSession(Socket socket)
{
    private readonly byte[] _buffer = new byte[2048];
    private byte[] _rest = [];

    /// <exception cref="AgiException">What came is no request.</exception>
    public async Task<AgiRequest> RequestAsync(CancellationToken stop)
    {
        // AgiRequest bounds it.
        var received = new ArrayBufferWriter<byte>(_buffer.Length);
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer, SocketFlags.None, stop);
            received.Write(_buffer.AsSpan(0, read));
            switch (AgiRequest.Read(received.WrittenSpan))
            {
                case AgiReading.Whole whole:
                    return whole.Request;

                case AgiReading.Wrong wrong:
                    throw new AgiException(wrong.Why);

                default:
                    if (read == 0)
                    {
                        throw new AgiException("it ended before the last argument");
                    }

                    break;
            }
        }
    }

    /// <exception cref="AgiException">Asterisk did not do it, or the caller has gone.</exception>
    public async Task<AgiReply> DoAsync(string command, CancellationToken stop)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\n"), SocketFlags.None, stop);
        var reply = await ReplyAsync(stop);

        // Of a command that is not known the text never comes here: it may hold a PIN's prompt, never a PIN.
        return reply.IsDone ? reply : throw new AgiException(reply == AgiReply.Hangup ? "the caller has gone" : $"Asterisk answered {reply.Code} to {command.Split(' ')[0]}");
    }

    private async Task<AgiReply> ReplyAsync(CancellationToken stop)
    {
        while (true)
        {
            var end = Array.IndexOf(_rest, (byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.Latin1.GetString(_rest, 0, end);
                _rest = _rest[(end + 1)..];
                return AgiReply.Parse(line) ?? throw new AgiException("an answer was expected, such as 200 result=1");
            }

            if (_rest.Length > AgiReply.MostBytes)
            {
                throw new AgiException($"an answer of more than {AgiReply.MostBytes} bytes");
            }

            var read = await socket.ReceiveAsync(_buffer, SocketFlags.None, stop);
            _rest = read > 0 ? [.. _rest, .. _buffer.AsSpan(0, read)] : throw new AgiException("Asterisk closed the connection");
        }
    }
}

/// <summary>Who asks does not speak AGI as our dialplan makes Asterisk speak it, or has gone.</summary>
internal sealed class AgiException(string message) : Exception(message);
