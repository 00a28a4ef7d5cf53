using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Detection;

namespace Ringfence.Notifiers;

/// <summary>Talks to another program or machine for a bounded time, and makes answers of the world's failures.</summary>
internal static class Attempt
{
    /// <param name="where">For people: "mail.example.com:587".</param>
    public static async Task<Answer> RunAsync(string where, TimeSpan limit, TimeProvider clock, Func<CancellationToken, Task<Answer>> talk, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            return await talk(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Answer.TryAgain($"{where}: no answer within {limit.TotalSeconds} s");
        }
        catch (SocketException e)
        {
            return Answer.TryAgain($"{where}: {e.Message}");
        }
        catch (AuthenticationException e)
        {
            return Answer.TryAgain(Safe($"{where}: its certificate is not believed: {e.InnerException?.Message ?? e.Message}"));
        }
        catch (IOException e)
        {
            return Answer.TryAgain(Safe($"{where}: {e.Message}"));
        }
        catch (UnauthorizedAccessException e)
        {
            return Answer.TryAgain(Safe($"{where}: {e.Message}"));
        }
        catch (CryptographicException e)
        {
            return Answer.TryAgain(Safe($"{where}: {e.Message}"));
        }
    }

    /// <summary>A stranger's words on one line, at most 200 characters.</summary>
    public static string Safe(string text)
    {
        var safe = SafeText.From(Encoding.UTF8.GetBytes(text));
        return safe.Length <= 200 ? safe : safe[..200];
    }
}
