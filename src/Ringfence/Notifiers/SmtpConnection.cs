using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>One conversation with a mail server: commands out, replies in, every length bounded.</summary>
/// <remarks>RFC 5321. .NET's own SmtpClient has neither TLS from the first byte, nor AUTH PLAIN, nor a private authority, nor a bound for what the
/// server sends, and its documentation sends one to MailKit, which is twenty times what sending one message takes.</remarks>
internal sealed class SmtpConnection(string host) : IAsyncDisposable
{
    private readonly TcpClient _client = new();
    private readonly byte[] _buffer = new byte[4096];
    private Stream? _stream;
    private int _start;
    private int _end;

    public bool IsEncrypted => _stream is SslStream;

    public async Task ConnectAsync(int port, CancellationToken stop)
    {
        await _client.ConnectAsync(host, port, stop);
        _stream = _client.GetStream();
    }

    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not believed.</exception>
    public async Task EncryptAsync(string? caFile, CancellationToken stop)
    {
        // What came in clear behind the answer to STARTTLS was put there by somebody on the way (CVE-2011-0411): never taken for the server's word.
        if (_start != _end)
        {
            throw new IOException("the server sent more than its answer before TLS began");
        }

        var encrypted = new SslStream(_stream!);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(ServerTrust.Of(host, caFile), stop);
    }

    public async Task<SmtpReply> AskAsync(string command, CancellationToken stop)
    {
        await SendAsync(Encoding.UTF8.GetBytes($"{command}\r\n"), stop);
        return await ReplyAsync(stop);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        await _stream!.WriteAsync(bytes, stop);
        await _stream.FlushAsync(stop);
    }

    /// <exception cref="IOException">The connection ended, or what came is no reply.</exception>
    public async Task<SmtpReply> ReplyAsync(CancellationToken stop)
    {
        var lines = new List<string>();
        while (lines.Count < SmtpReply.MostLines)
        {
            var line = SmtpReply.ParseLine(await LineAsync(stop)) ?? throw new IOException("the server's answer is not SMTP");
            lines.Add(line.Text);
            if (line.IsLast)
            {
                return new SmtpReply(line.Code, lines);
            }
        }

        throw new IOException($"the server's answer has more than {SmtpReply.MostLines} lines");
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        _client.Dispose();
    }

    private async Task<byte[]> LineAsync(CancellationToken stop)
    {
        var line = new List<byte>(128);
        while (line.Count <= SmtpReply.LongestLine)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = await _stream!.ReadAsync(_buffer, stop);
                if (_end == 0)
                {
                    throw new IOException("the server ended the connection");
                }
            }

            var next = _buffer[_start++];
            if (next == (byte)'\n')
            {
                return [.. line.Count > 0 && line[^1] == (byte)'\r' ? line[..^1] : line];
            }

            line.Add(next);
        }

        throw new IOException($"the server sent a line of more than {SmtpReply.LongestLine} bytes");
    }
}
