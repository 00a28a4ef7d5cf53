using System.Net.Sockets;

namespace Ringfence.Api;

/// <summary>The unix socket that the API listens on: bound, with its mode set, not listening yet.</summary>
/// <remarks>Two guards that start together could both find nobody answering: <see cref="OneGuard"/> decides between them before.</remarks>
internal sealed class ApiSocket : IDisposable
{
    private readonly string _path;

    private ApiSocket(Socket socket, string path)
    {
        Socket = socket;
        _path = path;
    }

    public Socket Socket { get; }

    /// <summary>Takes the path: what a dead daemon left there is removed, what a living one answers on is not.</summary>
    /// <exception cref="ApiException">Another daemon runs, something else has the path, or the directory can't be written.</exception>
    public static ApiSocket Bind(string path)
    {
        // sockaddr_un.sun_path is 108 bytes with its final zero (unix(7)).
        if (System.Text.Encoding.UTF8.GetByteCount(path) > 107)
        {
            throw new ApiException($"{path}: too long for a unix socket: expected at most 107 bytes; set another socket in ringfence.conf");
        }

        RemoveStale(path);
        return new ApiSocket(BindOwn(path), path);
    }

    public void Dispose()
    {
        Socket.Dispose();
        File.Delete(_path);
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw new ApiException($"{path}: it is there and is not a socket of ours ({e.Message}); remove it, or set another socket in ringfence.conf", e);
        }

        throw new ApiException($"{path}: another program answers there (which: ss -xlp | grep {path}); stop it first, or set another socket in ringfence.conf");
    }

    // connect() says ECONNREFUSED for a regular file as well (unix(7)), and a typing error in ringfence.conf must not delete somebody's file.
    // S_IFSOCK has no attribute of its own in .NET: it is what is neither regular, directory, link nor device, so opening it fails with ENXIO.
    private static bool IsSocket(string path)
    {
        try
        {
            using var opened = File.OpenHandle(path);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static Socket BindOwn(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ApiException($"{path}: can't listen there: {e.Message}", e);
        }

        // Nobody can connect before Listen, so there is no moment with a wider mode.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        SystemGroup.Give(path);
        return socket;
    }
}

/// <summary>The API can't be served; the message says why and what to do.</summary>
internal sealed class ApiException(string message, Exception? inner = null) : Exception(message, inner);
