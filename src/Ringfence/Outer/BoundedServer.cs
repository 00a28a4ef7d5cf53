using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ringfence.Outer;

/// <summary>Kestrel as strangers may meet it: one endpoint, no configuration from elsewhere, no words in the log, and bounds on all that is read.</summary>
internal static class BoundedServer
{
    /// <param name="what">For whoever reads that it can't listen: "the list".</param>
    /// <param name="limits">Beyond those that every server has.</param>
    /// <param name="endpoint">Who may connect, and how he is spoken to.</param>
    /// <returns>Listening; disposing it ends it.</returns>
    /// <exception cref="IOException">It can't listen there.</exception>
    public static async Task<WebApplication> StartAsync(IPEndPoint at, string what, Action<KestrelServerLimits> limits, Action<ListenOptions> endpoint, RequestDelegate answer, CancellationToken stop)
    {
        // Empty and not slim: slim reads appsettings.json of the current directory and ASPNETCORE_* variables, which could open a port.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // Whatever strangers send would be lines in the log.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 1024;

            // ConnectionBounds counts them, by source too.
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(5);
            limits(kestrel.Limits);
            kestrel.Listen(at, endpoint);
        });
        var app = builder.Build();
        app.Run(answer);
        try
        {
            await app.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw new IOException($"{at}: {what} can't be served there: {e.Message}", e);
        }

        return app;
    }
}
