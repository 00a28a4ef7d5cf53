[assembly: Ringfence.Tests.EndsInTime(60)]
