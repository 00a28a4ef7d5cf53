using Ringfence.Core.Configuration;

namespace Ringfence.Sources;

/// <summary>An action that is to be sent.</summary>
internal sealed record AmiOrder(string Action, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>Who follows calls, and has them hung up.</summary>
internal interface ICallWatch
{
    /// <summary>Logged in, and told of calls from now on.</summary>
    /// <param name="wake">To be called when there are orders and nothing was read.</param>
    void Connected(Action wake);

    void Lost();

    /// <returns>How many bytes were whole messages.</returns>
    int Read(ReadOnlySpan<byte> bytes);

    /// <summary>What is to be sent now; told by <see cref="Sent"/> under which id.</summary>
    IReadOnlyList<AmiOrder> TakeOrders();

    void Sent(AmiOrder order, string id);
}

/// <summary>A session of its own at the manager interface, which is told of calls: in that of <see cref="AmiClient"/> what callers write never comes.</summary>
internal sealed class AmiCalls(AmiSettings settings, ICallWatch calls, TimeProvider clock)
{
    /// <exception cref="AmiException">Not there, refused, or lost.</exception>
    /// <exception cref="IOException">Lost.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var connection = await AmiConnection.OpenAsync(settings.Manager, clock, stop);
        await AmiLogin.DoAsync(connection, settings, "call", stop);
        try
        {
            calls.Connected(connection.Reader.CancelPendingRead);
            await FollowAsync(connection, stop);
        }
        finally
        {
            calls.Lost();
        }
    }

    private async Task FollowAsync(AmiConnection connection, CancellationToken stop)
    {
        var reader = connection.Reader;
        using var timer = clock.CreateTimer(pending => ((System.IO.Pipelines.PipeReader)pending!).CancelPendingRead(), reader, AmiConnection.Patience / 2, AmiConnection.Patience / 2);
        var heardAt = clock.GetTimestamp();
        var askedAt = heardAt;
        while (true)
        {
            foreach (var order in calls.TakeOrders())
            {
                calls.Sent(order, await connection.SendAsync(order.Action, order.Headers, stop));
            }

            var read = await reader.ReadAsync(stop);
            var bytes = AmiConnection.Whole(read.Buffer);
            var taken = bytes.IsEmpty ? 0 : calls.Read(bytes.Span);
            reader.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.End);
            if (read.IsCompleted && taken == 0)
            {
                throw connection.Closed();
            }

            heardAt = taken > 0 ? clock.GetTimestamp() : heardAt;
            if (clock.GetElapsedTime(heardAt) >= AmiClient.PingEvery + AmiConnection.Patience)
            {
                throw new AmiException($"AMI {settings.Manager}: no answer to a ping in {AmiConnection.Patience.TotalSeconds:0} s; connecting again");
            }

            if (clock.GetElapsedTime(heardAt) >= AmiClient.PingEvery && clock.GetElapsedTime(askedAt) >= AmiClient.PingEvery)
            {
                askedAt = clock.GetTimestamp();
                await connection.SendAsync("Ping", [], stop);
            }
        }
    }
}
